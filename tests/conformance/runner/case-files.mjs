import { readdirSync, readFileSync } from 'node:fs'
import { validate } from './json-schema.mjs'

const folder = new URL('../cases/', import.meta.url)
const schema = JSON.parse(readFileSync(new URL('../case.schema.json', import.meta.url), 'utf8'))

/** All cases in the order of their names, and what is wrong with those that are not as the schema says. */
export function readCases() {
  const cases = []
  const problems = []
  for (const file of readdirSync(folder).filter(name => name.endsWith('.json')).sort()) {
    let one
    try {
      one = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
    } catch (error) {
      problems.push(`cases/${file}: ${error.message}`)
      continue
    }
    problems.push(...validate(schema, one).map(problem => `cases/${file}: ${problem}`))
    if (`${one.name}.json` !== file) problems.push(`cases/${file}: its name is '${one.name}', the file's must be the same`)
    cases.push(one)
  }
  return { cases, problems }
}
