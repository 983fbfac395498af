const typeOf = value => (value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value)

/**
 * What is wrong with a value by a JSON schema, of which it knows the words that case.schema.json uses; another word is an
 * error of the schema.
 */
export function validate(schema, value, root = schema, path = '$') {
  const problems = []
  const also = (sub, of, at) => problems.push(...validate(sub, of, root, at))
  const words = {
    $ref: ref => also(ref.split('/').slice(1).reduce((at, key) => at[key], root), value, path),
    type: type => {
      const is = typeOf(value)
      if (![type].flat().some(one => one === is || (one === 'number' && is === 'integer'))) problems.push(`${path} must be ${[type].flat().join(' or ')}, not ${is}`)
    },
    enum: allowed => {
      if (!allowed.includes(value)) problems.push(`${path} must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`)
    },
    pattern: pattern => {
      if (typeof value === 'string' && !new RegExp(pattern, 'u').test(value)) problems.push(`${path} must match ${pattern}, not '${value}'`)
    },
    minimum: least => {
      if (typeof value === 'number' && value < least) problems.push(`${path} must be at least ${least}`)
    },
    required: keys => {
      if (typeOf(value) !== 'object') return
      for (const key of keys) if (!(key in value)) problems.push(`${path} lacks '${key}'`)
    },
    properties: properties => {
      if (typeOf(value) !== 'object') return
      for (const [key, sub] of Object.entries(properties)) if (key in value) also(sub, value[key], `${path}.${key}`)
    },
    additionalProperties: sub => {
      if (typeOf(value) !== 'object') return
      for (const key of Object.keys(value)) {
        if (key in (schema.properties ?? {})) continue
        if (sub === false) problems.push(`${path} has '${key}', which means nothing here`)
        else also(sub, value[key], `${path}.${key}`)
      }
    },
    items: sub => {
      if (Array.isArray(value)) value.forEach((one, i) => also(sub, one, `${path}[${i}]`))
    },
    minItems: least => {
      if (Array.isArray(value) && value.length < least) problems.push(`${path} must have at least ${least} elements`)
    },
    oneOf: choices => {
      const failures = choices.map(choice => validate(choice, value, root, path))
      const fitting = failures.filter(one => one.length === 0).length
      if (fitting === 1) return
      // The choice that is meant is the one whose required word is there.
      const meant = choices.findIndex(choice => choice.required?.some(key => value?.[key] !== undefined))
      problems.push(...(fitting > 1 ? [`${path} is several things at once`] : meant >= 0 ? failures[meant] : [`${path} is none of the things it may be`]))
    },
  }
  const notes = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples'])
  for (const [word, of] of Object.entries(schema)) {
    if (word in words) words[word](of)
    else if (!notes.has(word)) throw new Error(`the schema uses '${word}', which is not known here`)
  }
  return problems
}
