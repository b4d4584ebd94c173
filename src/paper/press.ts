/** Sets a document as PDF or as a picture, with Typst and a font that the product brings; no office program is asked. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { NodeCompiler, NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler'
import { type Leaf, type Paper, widthOf } from './paper.ts'

const template = new URL('./sheet.typ', import.meta.url)
/** The template reads nothing but what it is given. */
const workspace = fileURLToPath(new URL('.', import.meta.url))
const evictAfter = 10

export interface Picture {
  /** PNG. */
  data: Buffer
  width: number
  height: number
}

export interface Press {
  /** A4 sheets, or one page of its own length: tagged PDF. */
  pdf(paper: Paper): Promise<Buffer>
  /** A card, or a chart that is SVG already, so many pixels wide. */
  picture(of: Paper | { svg: string }, width?: number): Promise<Picture>
}

interface Loaded {
  compiler: NodeCompiler
  source: string
  rasterize(svg: string, width: number): Picture
}

async function load(): Promise<Loaded> {
  const [{ NodeCompiler }, { Resvg }] = await Promise.all([
    import('@myriaddreamin/typst-ts-node-compiler'),
    import('@resvg/resvg-js'),
  ])
  const fonts = fileURLToPath(new URL('../fonts', import.meta.resolve('@embedpdf/fonts-sc')))
  const fontFiles = ['Regular', 'Bold'].map(weight => `${fonts}/NotoSansHans-${weight}.otf`)
  const fontArgs = [{ fontBlobs: fontFiles.map(file => readFileSync(file)) }]
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Noto Sans S Chinese' }
  return {
    compiler: NodeCompiler.create({ workspace, fontArgs }),
    source: readFileSync(template, 'utf8'),
    rasterize(svg, wide) {
      const fitTo = { mode: 'width', value: wide } as const
      const image = new Resvg(svg, { font, fitTo, background: '#ffffff' }).render()
      return { data: image.asPng(), width: image.width, height: image.height }
    },
  }
}

/** The template wants the widths of all columns. */
const widened = (leaf: Leaf): Leaf =>
  leaf.kind === 'table'
    ? { ...leaf, widths: leaf.widths ?? Array.from({ length: widthOf(leaf) }, () => 1) }
    : leaf

/** Both programs are loaded with the first document: most processes never set one. */
export function createPress(): Press {
  let loading: Promise<Loaded> | undefined
  const loaded = () => {
    loading ??= load()
    return loading
  }

  async function set<T>(
    paper: Paper,
    render: (compiler: NodeCompiler, document: NodeTypstDocument) => T,
  ): Promise<T> {
    const { compiler, source } = await loaded()
    const inputs = { paper: JSON.stringify({ ...paper, leaves: paper.leaves.map(widened) }) }
    const made = compiler.compile({ mainFileContent: source, inputs })
    const document = made.result
    if (!document)
      throw new Error(`the template does not hold: ${JSON.stringify(made.takeError()?.shortDiagnostics)}`)
    const rendered = render(compiler, document)
    compiler.evictCache(evictAfter)
    return rendered
  }

  return {
    pdf: paper => set(paper, (compiler, document) => compiler.pdf(document)),
    async picture(of, width = 1_080) {
      const svg = 'svg' in of ? of.svg : await set(of, (compiler, document) => compiler.plainSvg(document))
      return (await loaded()).rasterize(svg, width)
    },
  }
}
