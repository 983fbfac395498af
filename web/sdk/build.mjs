// Builds dist/: index.js (browsers and workers), node.js (Node), worker.js (the shared worker), react.js.
import { rm } from 'node:fs/promises'
import { rolldown } from 'rolldown'

const root = import.meta.dirname

// Marks for a bundler that has done its work already go; what the bundler of a page looks for it finds: it reads the type of
// a worker as a quoted word only.
const forBundlers = {
  name: 'for-bundlers',
  generateBundle: (_, files) => {
    for (const file of Object.values(files))
      if (file.type === 'chunk')
        file.code = file.code.replaceAll('/* @__PURE__ */', '').replaceAll('type:`module`', 'type:"module"')
  },
}

async function bundle(input, external) {
  const built = await rolldown({
    input: `${root}/${input}`,
    external,
    platform: input.includes('node') ? 'node' : 'browser',
    plugins: [forBundlers],
  })
  const name = input
    .replace(/^react\/index.*/, 'react')
    .replace(/^src\/(tabs\/)?/, '')
    .replace(/\.tsx?$/, '')
  await built.write({ file: `${root}/dist/${name}.js`, format: 'esm', minify: true, sourcemap: true })
  await built.close()
}

await rm(`${root}/dist`, { recursive: true, force: true })
await bundle('src/index.ts', [])
await bundle('src/tabs/worker.ts', [])
await bundle('src/node.ts', [/^node:/])
await bundle('react/index.tsx', ['react', 'react/jsx-runtime', '@tidewire/sdk'])
