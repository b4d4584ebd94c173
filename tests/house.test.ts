/** The rules of the house (ARCHITECTURE.md), kept by machine: each failure names the file and the rule. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { functionsOf, type Node, root, type Source, sources } from './sources.ts'

/** Imports go down, never up, never sideways. */
const floors: readonly (readonly string[])[] = [
  ['base'],
  ['storage', 'http', 'paper', 'channel', 'retrieval', 'model'],
  ['jobs', 'audience', 'identity', 'staff', 'guard', 'statute'],
  ['delivery', 'knowledge', 'dialog', 'dossier'],
  ['conversation', 'phrasing', 'notice'],
  ['annual', 'answering', 'disclosure', 'keeping', 'casework', 'publication', 'campaign', 'consultation'],
  ['console', 'pages'],
  [
    'main.ts',
    'filings.ts',
    'cli.ts',
    'config.ts',
    'channels.ts',
    'house.ts',
    'requests.ts',
    'desk-commands.ts',
    'commands',
    'counter',
  ],
]
const top = floors.length - 1

/** The packages of a bot's own wire. */
const wires: Record<string, readonly string[]> = {
  terminal: [],
  'official-account': ['@wecom/crypto', 'fast-xml-parser', 'undici', 'zod'],
  telegram: ['telegraf', 'undici', 'zod'],
  'web-chat': ['zod'],
  mail: ['nodemailer'],
  'wecom-robot': ['undici'],
  // Its packages lie in a folder of their own and are loaded from there.
  wechaty: [],
}

/** Packages that are a common tongue, and where they may be spoken; all others have one owner. */
const tongues: Record<string, (file: Source) => boolean> = {
  zod: () => true,
  undici: () => true,
  'lru-cache': () => true,
  kysely: file => file.folder === 'src/storage' || file.name === 'store.ts',
  hono: file => ['src/http', 'src/console', 'src/pages'].includes(file.folder),
}

interface Exception {
  rule: string
  file: string
  why: string
}

/**
 * Where the code stands against a rule today. Nothing is added here without a word to the whole team; what no longer
 * stands against its rule must go from here (a test says so).
 */
const exceptions: readonly Exception[] = [
  { rule: 'clock', file: 'src/http/server.ts', why: 'open connections are cut two seconds after the stop' },
]

interface Finding {
  file: string
  detail: string
}

/** What stands against a rule and is no exception, as sentences that name the file and the rule. */
function against(rule: string, found: readonly Finding[]): string[] {
  const excused = new Set(exceptions.filter(e => e.rule === rule).map(e => e.file))
  return found
    .filter(({ file }) => !excused.has(file))
    .map(({ file, detail }) => `${file}: ${rule}: ${detail}`)
}

const rules = new Map<string, readonly Finding[]>()

/** States a rule and keeps what it found, so that exceptions can be held against it. */
function rule(name: string, promise: string, find: () => readonly Finding[]): void {
  const found = find()
  rules.set(name, found)
  it(promise, () => expect(against(name, found)).toEqual([]))
}

/** Goes over all source files. */
const eachFile = (find: (file: Source) => string[]): Finding[] =>
  sources.flatMap(file => find(file).map(detail => ({ file: file.path, detail })))

/** Goes over all nodes of all source files. */
const eachNode = (find: (node: Node, file: Source) => string | undefined): Finding[] =>
  eachFile(file =>
    file.nodes.flatMap(node => {
      const detail = find(node, file)
      return detail === undefined ? [] : [`line ${file.lineOf(node.start)}: ${detail}`]
    }),
  )

interface Package {
  imports: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
const manifest: Package = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** `#storage` → `storage`, `#base/clock` → `base`, `#house` → `house.ts`. */
function doorOf(name: string): string | undefined {
  const door = Object.keys(manifest.imports).find(key =>
    key.endsWith('*') ? name.startsWith(key.slice(0, -1)) : key === name,
  )
  const target = door && manifest.imports[door]
  return target && /^\.\/(?:src\/)?([^/]+)/.exec(target)?.[1]
}

const floorOf = (part: string): number => floors.findIndex(floor => floor.includes(part))
const partOf = ({ path }: Source): string => path.split('/')[1] ?? ''
const inProduct = (file: Source) => file.path.startsWith('src/')
const isPackage = (name: string) => !/^(?:[.#]|node:)/.test(name)
const packageOf = (name: string) => name.split('/', name.startsWith('@') ? 2 : 1).join('/')

const nameOf = (node: unknown): string => String((node as Node | undefined)?.name ?? '')
const calleeOf = (node: Node): Node | undefined =>
  node.type === 'CallExpression' || node.type === 'NewExpression' ? (node.callee as Node) : undefined
const memberOf = (node: Node | undefined): string =>
  node?.type === 'MemberExpression' ? `${nameOf(node.object)}.${nameOf(node.property)}` : ''

describe('imports', () => {
  rule('floor of its own', 'come from folders that stand on a floor', () =>
    eachFile(file =>
      inProduct(file) && floorOf(partOf(file)) < 0 ? [`${partOf(file)} is on no floor`] : [],
    ),
  )

  rule('floors', 'go down only, and folders on one floor do not know each other', () =>
    eachFile(file => {
      if (!inProduct(file)) return []
      const own = partOf(file)
      const doors = file.imports.map(i => ({ name: i.name, to: doorOf(i.name) }))
      return doors.flatMap(({ name, to }) => {
        if (to === undefined || to === 'bots') return []
        const [from, below] = [floorOf(own), floorOf(to)]
        return below < from || (from === top && below === top)
          ? []
          : [`${name} is on floor ${below}, ${own} on ${from}`]
      })
    }),
  )

  rule('doors', 'across folders go through a door of package.json', () =>
    eachFile(file =>
      file.imports.flatMap(({ name }) => {
        if (name.startsWith('#')) return doorOf(name) ? [] : [`${name} is no door`]
        if (!name.startsWith('.')) return []
        const target = normalize(join(file.folder, name))
        const botsDoor = file.path === 'bots/index.ts' && /^bots\/[^/]+\/index\.ts$/.test(target)
        return dirname(target) === file.folder || botsDoor ? [] : [`${name} leaves the folder`]
      }),
    ),
  )

  rule('bots', 'of a bot are the contract, Node and its own wire', () =>
    eachFile(file => {
      const bot = /^bots\/([^/]+)\//.exec(file.path)?.[1]
      if (bot === undefined) return []
      const allowed = ['#channel', ...(wires[bot] ?? [])]
      return file.imports
        .filter(
          ({ name }) =>
            !/^(?:\.|node:)/.test(name) && !allowed.includes(name.startsWith('#') ? name : packageOf(name)),
        )
        .map(({ name }) => `${name} is neither #channel nor of the wire of ${bot}`)
    }),
  )

  rule('bots door', 'of the list of bots are main.ts’s, channels.ts’s and cli.ts’s alone', () =>
    eachFile(file =>
      file.imports
        .filter(
          ({ name }) =>
            name === '#bots' && !['src/main.ts', 'src/channels.ts', 'src/cli.ts'].includes(file.path),
        )
        .map(({ name }) => `imports ${name}`),
    ),
  )

  rule('config', 'of config.ts are types, but for main.ts and cli.ts', () =>
    eachFile(file =>
      file.imports
        .filter(({ name, typeOnly }) => !typeOnly && /^(?:#config|\.\/config\.ts)$/.test(name))
        .filter(() => !['src/main.ts', 'src/cli.ts'].includes(file.path))
        .map(({ name }) => `imports values from ${name}`),
    ),
  )

  rule('package owner', 'of a package come from the one place that owns it', () => {
    const owners = new Map<string, Set<string>>()
    for (const file of sources)
      for (const name of file.imports
        .map(i => i.name)
        .filter(isPackage)
        .map(packageOf))
        if (!(name in tongues)) owners.set(name, (owners.get(name) ?? new Set()).add(file.folder))
    return [...owners]
      .filter(([, folders]) => folders.size > 1)
      .map(([file, folders]) => ({ file, detail: `imported in ${[...folders].join(', ')}` }))
  })

  rule('common tongue', 'of a common tongue come from where it is spoken', () =>
    eachFile(file =>
      file.imports
        .map(({ name }) => packageOf(name))
        .filter(name => tongues[name]?.(file) === false)
        .map(name => `imports ${name}`),
    ),
  )

  rule('declared', 'of a package are declared as dependencies', () =>
    eachFile(file =>
      file.imports
        .map(({ name }) => name)
        .filter(name => isPackage(name) && !(packageOf(name) in manifest.dependencies))
        .map(name => `${name} is not in the dependencies of package.json`),
    ),
  )
})

describe('only in its place', () => {
  rule('environment', 'is the environment read: in config.ts', () =>
    eachNode((node, file) => {
      const read = ['process.env', 'process.loadEnvFile', 'env.process'].includes(memberOf(node))
      return read && file.path !== 'src/config.ts' ? memberOf(node) : undefined
    }),
  )

  const queries = ['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'replaceInto', 'mergeInto']
  rule('SQL', 'is SQL written: in stores and in the storage', () =>
    eachNode((node, file) => {
      if (file.folder === 'src/storage' || file.name === 'store.ts') return undefined
      if (node.type === 'TaggedTemplateExpression' && nameOf(node.tag) === 'sql') return 'sql``'
      const callee = calleeOf(node)
      if (nameOf(callee) === 'statement') return 'statement(…)'
      const verb = nameOf(callee?.type === 'MemberExpression' ? callee.property : undefined)
      return queries.includes(verb) ? `.${verb}(…)` : undefined
    }),
  )

  const times = ['Date.now', 'performance.now', 'process.hrtime', 'process.uptime']
  // setImmediate is no time: it ends a turn of the event loop, as the group commit of SQLite wants it.
  const timers = ['setTimeout', 'setInterval']
  rule('clock', 'is time told: by the clock of base', () =>
    eachNode((node, file) => {
      if (file.path === 'src/base/clock.ts') return undefined
      const callee = calleeOf(node)
      if (times.includes(memberOf(callee))) return memberOf(callee)
      if (timers.includes(nameOf(callee))) return nameOf(callee)
      const noTime = node.type === 'NewExpression' && (node.arguments as unknown[]).length === 0
      return noTime && nameOf(callee) === 'Date' ? 'new Date()' : undefined
    }),
  )

  const channels = ['terminal', 'web-chat', 'telegram', 'wechat', 'wechaty']
  rule('channel names', 'is a channel named: above the domains', () =>
    eachNode((node, file) => {
      const floor = floorOf(partOf(file))
      // A register that is taken over names the way by which each request came.
      const domain = inProduct(file) && floor >= 2 && floor < top && file.path !== 'src/disclosure/request.ts'
      return domain && node.type === 'Literal' && channels.includes(String(node.value))
        ? `'${node.value}'`
        : undefined
    }),
  )

  rule('random', 'is chance drawn: where it is handed in', () =>
    eachNode(node => (memberOf(calleeOf(node)) === 'Math.random' ? 'Math.random()' : undefined)),
  )
})

describe('no file has', () => {
  const unwanted: Record<string, string> = {
    TSEnumDeclaration: 'enum',
    TSModuleDeclaration: 'namespace',
    ExportDefaultDeclaration: 'default export',
    ExportAllDeclaration: 'export *',
    Decorator: 'decorator',
    TSParameterProperty: 'parameter property',
  }
  rule('syntax', 'an enum, a namespace, a default export, an export *', () =>
    eachNode(node => unwanted[node.type]),
  )

  rule('console', 'a word on the console', () =>
    eachNode(node => (memberOf(node).startsWith('console.') ? memberOf(node) : undefined)),
  )

  rule('first sentence', 'code before the sentence that says what it is for', () =>
    eachFile(({ text }) => {
      const [comment = ''] = /^\/\*\*?[\s\S]*?\*\/|^(?:\/\/.*\n)+/.exec(text.replace(/^#!.*\n/, '')) ?? []
      return /[.:]/.test(comment) ? [] : ['does not open with a sentence']
    }),
  )
})

describe('names', () => {
  rule('kebab-case', 'are nouns in kebab-case', () =>
    eachFile(({ path }) =>
      path
        .split('/')
        .filter(part => !/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:\.ts)?$/.test(part))
        .map(part => `${part} is not in kebab-case`),
    ),
  )

  rule('empty names', 'say what a thing is', () =>
    eachFile(({ path }) =>
      /util|helper|common|manager|service|handler/i.test(path) ? ['says nothing'] : [],
    ),
  )
})

const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const share = (numbers: readonly number[], part: number) =>
  ascending(numbers)[Math.ceil(numbers.length * part) - 1] ?? 0

describe('sizes', () => {
  rule('file size', 'of files are at most 400 lines', () =>
    eachFile(({ lines }) => (lines > 400 ? [`${lines} lines`] : [])),
  )

  it('of files are 100 lines in the middle and 250 in nine of ten', () => {
    const lines = sources.map(file => file.lines)
    expect(share(lines, 0.5)).toBeLessThanOrEqual(100)
    expect(share(lines, 0.9)).toBeLessThanOrEqual(250)
  })

  const sized = sources.flatMap(file => functionsOf(file).map(size => ({ file: file.path, ...size })))
  const tooMuch = (measure: (size: (typeof sized)[number]) => string | undefined): Finding[] =>
    sized.flatMap(size => {
      const detail = measure(size)
      return detail === undefined ? [] : [{ file: size.file, detail: `line ${size.line}: ${detail}` }]
    })

  rule('function size', 'of functions are at most 60 lines of their own', () =>
    tooMuch(({ ownLines }) => (ownLines > 60 ? `${ownLines} lines` : undefined)),
  )

  it('of functions are 10 lines in the middle', () => {
    expect(
      share(
        sized.map(size => size.ownLines),
        0.5,
      ),
    ).toBeLessThanOrEqual(10)
  })

  rule('parameters', 'of functions are at most three parameters', () =>
    tooMuch(({ parameters }) => (parameters > 3 ? `${parameters} parameters` : undefined)),
  )

  rule('nesting', 'of functions are at most three levels', () =>
    tooMuch(({ depth }) => (depth > 3 ? `${depth} levels` : undefined)),
  )
})

describe('folders', () => {
  const folders = [...new Set(sources.map(file => file.folder))].filter(folder => folder !== 'bots')

  rule('folder size', 'hold three to nine files', () =>
    folders.flatMap(file => {
      const count = readdirSync(join(root, file), { withFileTypes: true }).filter(one => one.isFile()).length
      return count < 3 || count > 9 ? [{ file, detail: `${count} files` }] : []
    }),
  )

  rule('depth', 'are two levels deep', () =>
    folders.filter(folder => folder.split('/').length > 2).map(file => ({ file, detail: 'is deeper' })),
  )

  rule('door', 'have a door', () =>
    folders
      .filter(
        folder => folder !== 'src' && folder !== 'src/base' && !existsSync(join(root, folder, 'index.ts')),
      )
      .map(file => ({ file, detail: 'has no index.ts' })),
  )

  rule('tests', 'have tests that mirror them', () =>
    folders
      .filter(folder => folder !== 'src')
      .flatMap(file => {
        const bot = /^bots\/(.*)/.exec(file)?.[1]
        const mirror = join(root, 'tests', bot === undefined ? file.slice('src/'.length) : 'bots')
        const tests = existsSync(mirror) ? readdirSync(mirror).filter(name => name.endsWith('.test.ts')) : []
        const there = bot === undefined ? tests.length > 0 : tests.includes(`${bot}.test.ts`)
        return there ? [] : [{ file, detail: 'has no tests' }]
      }),
  )
})

describe('dependencies', () => {
  const file = 'docs/dependencies.md'
  const text = existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : ''
  const all = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
  rule('reasons', 'are each named with a reason in docs/dependencies.md', () =>
    all
      .filter(name => !new RegExp(`(?<![\\w@/-])${name.replace('/', '\\/')}(?![\\w/-])`).test(text))
      .map(name => ({ file, detail: `${name} is not named` })),
  )
})

describe('exceptions', () => {
  it('are only those that are still needed', () => {
    const idle = exceptions.filter(e => !rules.get(e.rule)?.some(found => found.file === e.file))
    expect(
      idle.map(({ rule, file }) => `${file} keeps the rule "${rule}" now: take it off the list`),
    ).toEqual([])
  })
})
