/** The documents say what is so: their links lead somewhere, their commands and settings exist. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './sources.ts'

const read = (file: string) => readFileSync(join(root, file), 'utf8')
const documents = globSync(['*.md', 'docs/*.md', 'bench/**/*.md'], { cwd: root }).filter(
  file => !file.includes('node_modules'),
)
const manifest: { scripts: Record<string, string> } = JSON.parse(read('package.json'))

describe('the documents', () => {
  it.each(documents)('%s links to what is there', file => {
    const links = [...read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
      match => match[1] ?? '',
    )
    expect(links.filter(link => !existsSync(join(root, dirname(file), link)))).toEqual([])
  })

  it.each(documents)('%s names only scripts that package.json has', file => {
    const named = [...read(file).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(match => match[1] ?? '')
    expect(named.filter(script => !(script in manifest.scripts))).toEqual([])
  })

  it('name every setting, and no other', () => {
    const names = [...read('src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(match => match[1])
    const told = [...read('docs/settings.md').matchAll(/^\| `([A-Z_]+)`/gm)].map(match => match[1])
    const sample = [...read('.env.example').matchAll(/^# ([A-Z][A-Z_]+)=/gm)].map(match => match[1])
    expect(names.length).toBeGreaterThan(10)
    expect(told).toEqual(names)
    expect(sample.sort()).toEqual([...names].sort())
  })

  it('name every event of the log', () => {
    const told = read('docs/operations.md')
    const events = globSync(['src/**/*.ts', 'bots/*/*.ts'], { cwd: root }).flatMap(file =>
      [...read(file).matchAll(/log\.(?:info|warn|error)\(\s*'([a-z.-]+)'/g)].map(match => match[1] ?? ''),
    )
    expect(events.length).toBeGreaterThan(20)
    expect([...new Set(events)].filter(event => !told.includes(`\`${event}\``))).toEqual([])
  })

  it('name the files of the glossary as they are', () => {
    const files = [...read('ARCHITECTURE.md').matchAll(/`((?:src|bots|web|tests)\/[\w./-]+)`/g)].map(
      m => m[1],
    )
    expect(files.length).toBeGreaterThan(10)
    expect(files.filter(file => !existsSync(join(root, file ?? '')))).toEqual([])
  })
})

describe('the lock file', () => {
  it('holds every optional package, so that the product installs on every platform', () => {
    interface Locked {
      optionalDependencies?: Record<string, string>
    }
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'))
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        name => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    )
    expect(missing).toEqual([])
  })
})
