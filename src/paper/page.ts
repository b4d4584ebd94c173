/** A document as HTML that a screen reader can follow: captions, headings of rows and columns, words beside each chart. Pure. */
import { type Cell, type Leaf, type Paper, type Table, widthOf } from './paper.ts'

const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const plain = (text: string) => text.replace(/[&<>"]/g, letter => escapes[letter] ?? letter)

/** In the rows at the top a heading over several columns names a group of them. */
function cellAs({ text, heading, rows = 1, columns = 1 }: Cell): string {
  const spans = `${rows > 1 ? ` rowspan="${rows}"` : ''}${columns > 1 ? ` colspan="${columns}"` : ''}`
  if (heading === undefined) return `<td${spans}>${plain(text)}</td>`
  const group = heading === 'row' ? rows > 1 : columns > 1
  const scope = heading === 'row' ? 'row' : 'col'
  return `<th scope="${scope}${group ? 'group' : ''}"${spans}>${plain(text)}</th>`
}

const rowsAs = (rows: Table['head']) => rows.map(row => `<tr>${row.map(cellAs).join('')}</tr>`).join('\n')

/** Wide tables scroll by themselves, also by keyboard. */
function tableAs(table: Table): string {
  const { caption, head, body } = table
  const wide =
    widthOf(table) > 4 ? ` class="wide" tabindex="0" role="region" aria-label="${plain(caption)}"` : ''
  return `<div${wide}><table><caption>${plain(caption)}</caption>
<thead>${rowsAs(head)}</thead>
<tbody>${rowsAs(body)}</tbody></table></div>`
}

function leafAs(leaf: Leaf): string {
  switch (leaf.kind) {
    case 'heading':
      return `<h${leaf.level + 1}>${plain(leaf.text)}</h${leaf.level + 1}>`
    case 'paragraph':
      return `<p>${plain(leaf.text)}</p>`
    case 'note':
      return `<p class="note">${plain(leaf.text)}</p>`
    case 'facts':
      return `<dl>${leaf.facts.map(([name, value]) => `<dt>${plain(name)}</dt><dd>${plain(value)}</dd>`).join('')}</dl>`
    case 'signature':
      return `<p class="signature">${leaf.lines.map(plain).join('<br>')}</p>`
    case 'table':
      return tableAs(leaf)
    case 'figure':
      return `<figure><div role="img" aria-label="${plain(leaf.alternative)}">${leaf.svg}</div><figcaption>${plain(leaf.caption)}</figcaption></figure>`
  }
}

const style = `:root{font:17px/1.8 "Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:#1a1a1a}body{margin:0}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 3rem}h1{text-align:center;line-height:1.35}h2{font-size:1.25rem;margin-top:2.2rem}h3{font-size:1.05rem}
p{text-indent:2em}.note{text-indent:0;font-size:.88rem;color:#44505c}.signature{text-align:right}.wide{overflow-x:auto}.wide:focus-visible{outline:3px solid #f2a900}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.5;margin:1rem 0}caption{font-weight:600;padding:.4rem}th,td{border:1px solid #6b7885;padding:.35rem .5rem;text-align:center}
th[scope^=row]{text-align:left;min-width:9rem}thead th{background:#eef2f6}figure{margin:1.5rem 0;text-align:center}figure svg{max-width:100%;height:auto}dt{font-weight:600}dd{margin:0 0 .6rem}
@media (max-width:40rem){th[scope^=row]{min-width:4.5rem}}
@media print{main{max-width:none}.wide{overflow:visible}}`

/** The whole page, without scripts and with nothing that is fetched. */
export function formatPage({ title, leaves }: Paper): string {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plain(title)}</title><style>${style}</style></head>
<body><main><h1>${plain(title)}</h1>
${leaves.map(leafAs).join('\n')}
</main></body></html>
`
}
