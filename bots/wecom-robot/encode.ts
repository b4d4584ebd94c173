/** Our typed document → the messages of a WeCom group robot. Pure. */
import { type Block, type Document, formatPlain, splitPlain } from '#channel'

/** https://developer.work.weixin.qq.com/document/path/99110 */
export const longestText = 2048
export const longestMarkdown = 4096

export type RobotMessage =
  | { msgtype: 'text'; text: { content: string } }
  | { msgtype: 'markdown'; markdown: { content: string } }

/** What would be read as markup. There is no way to escape it, so where it occurs the text stays plain. */
const markup = /[[\]<>*_`#~\\|]|^\s*(?:[-+]|\d+\.)\s/m

const isLink = (url: string) =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol) && !/[()\s<>]/.test(url)

/** A block in markup; undefined where it has none of its own, or its words would be taken for some. */
function markedUp(block: Block): string | undefined {
  switch (block.kind) {
    case 'heading':
      return markup.test(block.text) ? undefined : `**${block.text}**`
    case 'paragraph':
      return markup.test(block.text) ? undefined : block.text
    case 'list':
      return block.items.some(item => markup.test(item))
        ? undefined
        : block.items.map(i => `> ${i}`).join('\n')
    case 'link':
      return markup.test(block.label) || !isLink(block.url) ? undefined : `[${block.label}](${block.url})`
    default:
      return undefined
  }
}

/** Nobody in the group is called by what a document says: `<@userid>` calls also in a plain text. */
const uncalled = (text: string) => text.toWellFormed().replace(/<+@/g, '@')

const hasForm = ({ kind }: Block) => kind === 'heading' || kind === 'link'

function markdownOf(document: Document): RobotMessage | undefined {
  if (!document.some(hasForm)) return undefined
  const pieces = document.map(markedUp)
  if (pieces.some(piece => piece === undefined)) return undefined
  const content = pieces.join('\n').toWellFormed()
  if (Buffer.byteLength(content) > longestMarkdown) return undefined
  return { msgtype: 'markdown', markdown: { content } }
}

/** Nobody hears what the group answers, so there is nothing to choose. */
const isShown = ({ kind }: Block) => kind !== 'choices'

/** One message where it can be, with markup where that is safe. */
export function encode(document: Document): RobotMessage[] {
  const shown = document.filter(isShown)
  const marked = markdownOf(shown)
  if (marked) return [marked]
  if (formatPlain(shown).trim() === '') return []
  return splitPlain(shown, { unit: 'bytes', max: longestText }).map(part => ({
    msgtype: 'text',
    text: { content: uncalled(part) },
  }))
}
