/** One message as it is seen. */
import { type Block, parseBlocks, parseSpans } from './blocks.ts'
import { make, makeButton, makeGroup, makeLink, nameOf, setText } from './elements.ts'
import type { Asked, Entry, Said } from './timeline.ts'
import { formatDate, formatTime } from './times.ts'
import type { Choice, Citation, Picture } from './wire.ts'

export interface BubbleOptions {
  choose(choice: Choice): void
  takeBack(clientId: string): void
}

export interface Bubble {
  element: HTMLElement
  update(): void
}

const authors = { agency: '政务咨询', citizen: '我' }

function spans(text: string): Node[] {
  return parseSpans(text).map(span =>
    span.url === undefined ? document.createTextNode(span.text) : makeLink(span.text, span.url),
  )
}

function makeBody(blocks: readonly Block[]): Node[] {
  return blocks.map(block => {
    if (block.kind === 'heading') return make('h3', '', block.text)
    if (block.kind === 'paragraph') return make('p', '', ...spans(block.text))
    return make('ul', '', ...block.items.map(item => make('li', '', ...spans(item))))
  })
}

function makeCitation({ law, article, title, url, inForce }: Citation): HTMLElement {
  const place = `《${law}》${article === null ? '' : `第${article}条`}`
  const notes = [
    title !== null && !title.endsWith(law) ? title : '',
    inForce === null ? '' : `${formatDate(inForce)}起施行`,
  ].filter(Boolean)
  const item = make('li', '', url === null ? make('span', 'law', place) : makeLink(place, url))
  if (notes.length > 0) item.append(' ', make('span', 'note', notes.join('，')))
  return item
}

function makeCitations(citations: readonly Citation[]): HTMLElement {
  const label = make('p', 'seal', '依据')
  const group = makeGroup('citations', label)
  group.append(label, make('ul', '', ...citations.map(makeCitation)))
  return group
}

/** To be kept: a click saves it. */
function makePicture({ url, alternative }: Picture): HTMLElement {
  const image = make('img', 'picture')
  image.src = url
  image.alt = alternative
  const link = make('a', 'keep', image)
  link.href = url
  link.download = `${alternative || '图片'}.png`
  return link
}

/** The last line leads over to the choices, which stand below the citations: it goes there with them. */
function takeLead(blocks: Block[], choices: readonly Choice[]): string | undefined {
  const last = blocks[blocks.length - 1]
  if (choices.length === 0 || blocks.length < 2 || last?.kind !== 'paragraph') return undefined
  return last.text.endsWith('：') && blocks.pop() ? last.text : undefined
}

function makeChoices(choices: readonly Choice[], lead: string | undefined, choose: (choice: Choice) => void) {
  const label = make('p', 'lead', lead ?? '')
  const group = makeGroup('choices', lead === undefined ? '请选择' : label)
  if (lead !== undefined) group.append(label)
  for (const choice of choices) {
    const button = makeButton(choice.label, 'choice', () => {
      for (const other of Array.from(group.children)) other.classList.toggle('taken', other === button)
      choose(choice)
    })
    group.append(button)
  }
  return group
}

/** Who and when: read out, and the name of the message. */
function makeByline(entry: Entry): { byline: HTMLElement; time: HTMLTimeElement } {
  const time = make('time')
  return { byline: make('p', 'unseen', `${authors[entry.by]} `, time), time }
}

function setTime(time: HTMLTimeElement, at: number): void {
  time.dateTime = new Date(at).toISOString()
  setText(time, formatTime(at, Date.now()))
}

function makeArticle(entry: Entry): { element: HTMLElement; time: HTMLTimeElement } {
  const { byline, time } = makeByline(entry)
  const element = make('article', `message ${entry.by}`, byline)
  element.setAttribute('aria-labelledby', nameOf(byline))
  setTime(time, entry.at)
  return { element, time }
}

function makeSaid(entry: Said, { choose }: BubbleOptions): Bubble {
  const { text, citations, choices, pictures } = entry.message
  const { element, time } = makeArticle(entry)
  const blocks = parseBlocks(text)
  const lead = takeLead(blocks, choices)
  const body = make('div', 'bubble', ...makeBody(blocks))
  body.append(...pictures.map(makePicture))
  if (citations.length > 0) body.append(makeCitations(citations))
  if (body.hasChildNodes()) element.append(body)
  if (choices.length > 0) element.append(makeChoices(choices, lead, choose))
  return { element, update: () => setTime(time, entry.at) }
}

const stateText = ({ state, note }: Asked) =>
  state === 'refused' ? `未发送：${note ?? ''}` : (note ?? '正在发送')

function makeAsked(entry: Asked, { takeBack }: BubbleOptions): Bubble {
  const { element, time } = makeArticle(entry)
  const state = make('p', 'state')
  const again = makeButton('重新编辑', 'again', () => takeBack(entry.key))
  element.append(make('div', 'bubble', make('p', '', entry.text)))
  function update(): void {
    setTime(time, entry.at)
    element.classList.toggle('refused', entry.state === 'refused')
    if (entry.state === 'sent') state.remove()
    else element.append(state)
    setText(state, entry.state === 'sent' ? '' : stateText(entry))
    if (entry.state === 'refused') element.append(again)
    else again.remove()
  }
  update()
  return { element, update }
}

export function makeBubble(entry: Entry, options: BubbleOptions): Bubble {
  return entry.by === 'agency' ? makeSaid(entry, options) : makeAsked(entry, options)
}
