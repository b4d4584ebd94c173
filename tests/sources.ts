/** The product's own source files, read and parsed once for the tests that guard the structure. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
// Vite brings oxc's parser along; the `typescript` package of version 7 has no programming interface.
import { parseSync } from 'vite'

export const root = resolve(import.meta.dirname, '..')

export interface Import {
  name: string
  /** Nothing of it is left when the program runs. */
  typeOnly: boolean
}

/** A node of the syntax tree, as far as the rules look at it. */
export interface Node {
  type: string
  start: number
  end: number
  [field: string]: unknown
}

export interface Source {
  /** From the root, with forward slashes: `src/http/server.ts`. */
  path: string
  /** `src`, `src/http`, `bots/terminal`. */
  folder: string
  name: string
  text: string
  lines: number
  imports: Import[]
  nodes: Node[]
  lineOf(offset: number): number
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

/** All nodes of a tree, outermost first. */
export function walk(node: Node): Node[] {
  return [node, ...childrenOf(node).flatMap(walk)]
}

export function childrenOf(node: Node): Node[] {
  return Object.entries(node)
    .filter(([key]) => key !== 'parent')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
}

const importing = ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression']

/** Whether the statement is `import type …`, or names nothing but types. */
function isTypeOnly(node: Node): boolean {
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const named = (node.specifiers ?? []) as Node[]
  return named.length > 0 && named.every(one => one.importKind === 'type' || one.exportKind === 'type')
}

function importsOf(nodes: readonly Node[]): Import[] {
  return nodes
    .filter(node => importing.includes(node.type) && isNode(node.source))
    .map(node => ({ name: String((node.source as Node).value), typeOnly: isTypeOnly(node) }))
}

function parse(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`)
  const nodes = walk(program as unknown as Node)
  return {
    path,
    folder: dirname(path),
    name: basename(path),
    text,
    lines: text.split('\n').length - 1,
    imports: importsOf(nodes),
    nodes,
    lineOf: offset => text.slice(0, offset).split('\n').length,
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map(file => `${folder}/${file.replaceAll('\\', '/')}`)
    .filter(file => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.includes('/node_modules/'))
    .sort()
}

export const sources: readonly Source[] = ['src', 'bots'].flatMap(listFiles).map(parse)

const functions = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']
const steps = ['IfStatement', 'ForStatement', 'ForOfStatement', 'ForInStatement', 'WhileStatement']
const nesting = [...steps, 'DoWhileStatement', 'SwitchStatement', 'TryStatement']

export interface FunctionSize {
  line: number
  /** Its lines without those of the functions written inside it: a factory is as long as what it does itself. */
  ownLines: number
  parameters: number
  /** How deep its statements are nested in one another. */
  depth: number
}

const isFunction = (node: Node) => functions.includes(node.type)

/** The functions written directly inside a node. */
function innerFunctions(node: Node): Node[] {
  return childrenOf(node).flatMap(child => (isFunction(child) ? [child] : innerFunctions(child)))
}

/** `else if` is no deeper than the `if` before it. */
function depthOf(node: Node): number {
  const deeper = childrenOf(node).map(child => {
    if (isFunction(child)) return 0
    const chained = node.type === 'IfStatement' && child.type === 'IfStatement' && node.alternate === child
    return depthOf(child) + (nesting.includes(child.type) && !chained ? 1 : 0)
  })
  return Math.max(0, ...deeper)
}

export function functionsOf(source: Source): FunctionSize[] {
  const linesOf = (node: Node) => source.lineOf(node.end) - source.lineOf(node.start) + 1
  return source.nodes.filter(isFunction).map(node => {
    const inner = innerFunctions(node).map(linesOf)
    const ownLines = linesOf(node) - inner.filter(lines => lines > 1).reduce((sum, lines) => sum + lines, 0)
    const parameters = (node.params as unknown[]).length
    return {
      line: source.lineOf(node.start),
      ownLines: Math.max(1, ownLines),
      parameters,
      depth: depthOf(node),
    }
  })
}

/** A file of facts that lies beside the checkout; undefined where it does not. */
export function readShared<T>(path: string): T | undefined {
  const file = resolve(root, '../shared', path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
