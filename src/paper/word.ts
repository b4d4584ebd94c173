/** A document as .docx for those who must edit it, laid out as official documents are (GB/T 9704-2012). */
import type { FileChild, ISectionOptions, Table as WordTable } from 'docx'
import { type Cell, type Figure, type Leaf, type Paper, type Table, widthOf } from './paper.ts'

type Docx = typeof import('docx')

// Sizes in half points, distances in twentieths of a point: body in 仿宋 of size three (16 points), 28 points a line.
const body = { size: 32, font: '仿宋_GB2312', line: 560 }
const fonts = { title: '方正小标宋简体', first: '黑体', second: '楷体_GB2312' }
const tableSize = 18
/** Margins of the sheet in millimetres: GB/T 9704 5.2. */
const margins = { top: 37, bottom: 35, left: 28, right: 26 }
const pictureWidth = 560
const perMillimetre = 56.7
const indent = 640
const cellMargin = 40

interface Picture {
  data: Uint8Array
  width: number
  height: number
}

/** Makes a PNG of a chart. */
export type Raster = (svg: string) => Promise<Picture>

function textOf(docx: Docx, text: string, { size = body.size, font = body.font, bold = false } = {}) {
  const { TextRun } = docx
  return new TextRun({ text, size, bold, color: '000000', font: { name: font, eastAsia: font } })
}

function lineOf(
  docx: Docx,
  text: string,
  look: { first?: number; font?: string; align?: 'center' | 'right' } = {},
) {
  const { first = indent, font = body.font, align } = look
  return new docx.Paragraph({
    children: [textOf(docx, text, { font })],
    spacing: { line: body.line, lineRule: 'exact' },
    indent: { firstLine: align === undefined ? first : 0 },
    ...(align && { alignment: align }),
  })
}

function headingOf(docx: Docx, { level, text }: Extract<Leaf, { kind: 'heading' }>) {
  const { Paragraph, HeadingLevel } = docx
  return new Paragraph({
    heading: level === 1 ? HeadingLevel.HEADING_1 : HeadingLevel.HEADING_2,
    keepNext: true,
    children: [textOf(docx, text, { font: level === 1 ? fonts.first : fonts.second })],
    spacing: { line: body.line, lineRule: 'exact' },
    indent: { firstLine: indent },
  })
}

function cellOf(docx: Docx, { text, heading, rows = 1, columns = 1 }: Cell) {
  const { TableCell, Paragraph, VerticalAlign, AlignmentType } = docx
  return new TableCell({
    rowSpan: rows,
    columnSpan: columns,
    verticalAlign: VerticalAlign.CENTER,
    margins: { left: cellMargin, right: cellMargin },
    children: [
      new Paragraph({
        alignment: heading === 'row' ? AlignmentType.LEFT : AlignmentType.CENTER,
        children: [textOf(docx, text, { size: tableSize, bold: heading !== undefined })],
      }),
    ],
  })
}

function tableOf(docx: Docx, table: Table): (InstanceType<Docx['Paragraph']> | WordTable)[] {
  const { Table: Sheet, TableRow, WidthType, Paragraph, AlignmentType } = docx
  const count = widthOf(table)
  const widths = table.widths ?? Array.from({ length: count }, () => 1)
  const unit = 8_900 / widths.reduce((sum, one) => sum + one, 0)
  const rowOf = (cells: readonly Cell[], tableHeader: boolean) =>
    new TableRow({ tableHeader, cantSplit: true, children: cells.map(cell => cellOf(docx, cell)) })
  const caption = new Paragraph({
    alignment: AlignmentType.CENTER,
    keepNext: true,
    spacing: { before: 120, after: 60 },
    children: [textOf(docx, table.caption, { size: 24, font: fonts.first })],
  })
  const rows = [...table.head.map(row => rowOf(row, true)), ...table.body.map(row => rowOf(row, false))]
  const width = { size: 100, type: WidthType.PERCENTAGE }
  return [caption, new Sheet({ width, columnWidths: widths.map(one => Math.round(one * unit)), rows })]
}

async function figureOf(docx: Docx, { svg, alternative, caption }: Figure, raster: Raster) {
  const { data, width, height } = await raster(svg)
  const { ImageRun, Paragraph, AlignmentType } = docx
  const alignment = AlignmentType.CENTER
  const transformation = { width: pictureWidth, height: Math.round((pictureWidth * height) / width) }
  const altText = { title: caption, description: alternative, name: caption }
  return [
    new Paragraph({ alignment, children: [new ImageRun({ type: 'png', data, transformation, altText })] }),
    new Paragraph({ alignment, children: [textOf(docx, caption, { size: 24 })] }),
  ]
}

async function leafOf(docx: Docx, leaf: Leaf, raster: Raster): Promise<FileChild[]> {
  switch (leaf.kind) {
    case 'heading':
      return [headingOf(docx, leaf)]
    case 'paragraph':
      return [lineOf(docx, leaf.text)]
    case 'note':
      return [lineOf(docx, leaf.text, { first: 0 })]
    case 'facts':
      return leaf.facts.map(([name, value]) => lineOf(docx, `${name}：${value}`, { first: 0 }))
    case 'signature':
      return leaf.lines.map(line => lineOf(docx, line, { align: 'right' }))
    case 'table':
      return tableOf(docx, leaf)
    case 'figure':
      return figureOf(docx, leaf, raster)
  }
}

function sectionOf(docx: Docx, children: readonly FileChild[]): ISectionOptions {
  const { Footer, Paragraph, PageNumber, TextRun, AlignmentType } = docx
  const [top, bottom, left, right] = [margins.top, margins.bottom, margins.left, margins.right].map(mm =>
    Math.round(mm * perMillimetre),
  ) as [number, number, number, number]
  const number = new Paragraph({
    alignment: AlignmentType.CENTER,
    children: [new TextRun({ size: 28, font: '宋体', children: ['— ', PageNumber.CURRENT, ' —'] })],
  })
  return {
    properties: { page: { size: { width: 11_906, height: 16_838 }, margin: { top, bottom, left, right } } },
    footers: { default: new Footer({ children: [number] }) },
    children: [...children],
  }
}

/** The document as the bytes of a .docx file. */
export async function formatWord({ title, leaves }: Paper, raster: Raster): Promise<Buffer> {
  const docx = await import('docx')
  const { Paragraph, AlignmentType, Document, Packer, HeadingLevel } = docx
  const head = new Paragraph({
    heading: HeadingLevel.TITLE,
    alignment: AlignmentType.CENTER,
    spacing: { after: 400 },
    children: [textOf(docx, title, { size: 44, font: fonts.title })],
  })
  const children: FileChild[] = [head]
  for (const leaf of leaves) children.push(...(await leafOf(docx, leaf, raster)))
  const document = new Document({ title, creator: '', sections: [sectionOf(docx, children)] })
  return Packer.toBuffer(document)
}
