import { inflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  createPress,
  drawBars,
  drawGroups,
  formatPage,
  formatWord,
  type Paper,
} from '../../src/paper/index.ts'

const press = createPress()
const odd = '张三 #let x = 1 *粗* _斜_ $y$ <b>&"引" @参 \\ [框] //'
const column = (text: string, span = {}) => ({ text, heading: 'column' as const, ...span })
const bars = drawBars({
  title: '办理结果',
  unit: '件',
  bars: [
    ['予以公开', 69],
    ['不予公开', 4],
  ],
})

const paperOf = async (size: Paper['size'], rows = 2): Promise<Paper> => ({
  title: odd,
  size,
  leaves: [
    { kind: 'heading', level: 1, text: odd },
    { kind: 'heading', level: 2, text: odd },
    { kind: 'paragraph', text: odd },
    { kind: 'facts', facts: [['编号', odd]] },
    { kind: 'note', text: odd },
    {
      kind: 'table',
      caption: odd,
      head: [
        [column('项目', { rows: 2 }), column('申请人', { columns: 2 })],
        [column('自然人'), column('总计')],
      ],
      body: Array.from({ length: rows }, (_, i) => [
        { text: `第${i}行`, heading: 'row' as const },
        { text: odd },
        { text: '0' },
      ]),
    },
    { kind: 'figure', svg: await bars, alternative: '予以公开69件', caption: '图1' },
    { kind: 'signature', lines: ['某厅', '2026年3月2日'] },
  ],
})

/** The texts of a file in a ZIP archive (APPNOTE 4.3.7), found by its local header. */
function entryOf(zip: Buffer, name: string): string {
  for (let at = zip.indexOf('PK\u0003\u0004'); at >= 0; at = zip.indexOf('PK\u0003\u0004', at + 4)) {
    const nameLength = zip.readUInt16LE(at + 26)
    const start = at + 30 + nameLength + zip.readUInt16LE(at + 28)
    if (zip.subarray(at + 30, at + 30 + nameLength).toString() !== name) continue
    return inflateRawSync(zip.subarray(start)).toString()
  }
  throw new Error(`no ${name}`)
}

describe('a document', () => {
  it('is set as PDF and as a picture, whatever was typed into it', async () => {
    for (const size of ['card', 'a4'] as const) {
      const pdf = await press.pdf(await paperOf(size))
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
      expect(pdf.length).toBeGreaterThan(5_000)
    }
    const { data, width, height } = await press.picture(await paperOf('card'), 600)
    expect(data.subarray(1, 4).toString()).toBe('PNG')
    expect(width).toBe(600)
    expect(height).toBeGreaterThan(300)
  })

  it('grows with what stands in it', async () => {
    const heightOf = async (rows: number) => (await press.picture(await paperOf('card', rows), 300)).height
    expect(await heightOf(30)).toBeGreaterThan(await heightOf(2))
  })

  it('is a page that a screen reader can follow, with nothing in it as markup that was typed', async () => {
    const page = formatPage(await paperOf('a4'))
    expect(page).toContain('<caption>张三 #let x = 1 *粗* _斜_ $y$ &lt;b&gt;&amp;&quot;引&quot;')
    expect(page).not.toContain('<b>')
    expect(page).toContain('<th scope="colgroup" colspan="2">申请人</th>')
    expect(page).toContain('<th scope="row">第0行</th>')
    expect(page).toContain('role="img" aria-label="予以公开69件"')
  })

  it('is a .docx with the same words, the spans of its table and a picture of the chart', async () => {
    const file = await formatWord(await paperOf('a4'), svg => press.picture({ svg }))
    const xml = entryOf(file, 'word/document.xml')
    expect(xml).toContain('张三 #let x = 1 *粗* _斜_ $y$ &lt;b&gt;&amp;')
    expect(xml).toMatch(/w:gridSpan w:val="2"/)
    expect(xml).toMatch(/w:vMerge w:val="restart"/)
    expect(xml).toContain('descr="予以公开69件"')
  })
})

describe('a chart', () => {
  it('has its names and figures as text', async () => {
    const svg = await drawGroups({
      ...{ title: '两年比较', unit: '件', names: ['新收', '办理'] },
      series: [
        { name: '2018年', values: [120, 121] },
        { name: '2019年', values: [159, 160] },
      ],
    })
    for (const words of ['两年比较', '2018年', '2019年', '新收', '159', '160']) expect(svg).toContain(words)
    expect(await bars).toContain('予以公开')
    const { data, width } = await press.picture({ svg }, 800)
    expect([data.subarray(1, 4).toString(), width]).toEqual(['PNG', 800])
  })
})
