/** Where the citizen writes. */
import { get, setText } from './elements.ts'

export interface Composer {
  /** Puts a text back to be changed. */
  put(text: string): void
  focus(): void
}

/** As the server counts: UTF-16 code units. */
const longest = 2000
const near = 1800

function isSending(event: KeyboardEvent): boolean {
  // 229: Safari ends a composition before it tells of the key that ended it.
  return event.key === 'Enter' && !event.shiftKey && !event.isComposing && event.keyCode !== 229
}

function problemOf(text: string): string {
  if (text.trim() === '') return '请先输入您想问的内容。'
  return text.length > longest ? `内容超过${longest}字，请删减后再发送。` : ''
}

export function createComposer(submit: (text: string) => void): Composer {
  const form = get<HTMLFormElement>('composer')
  const area = get<HTMLTextAreaElement>('text')
  const counter = get('counter')
  const hint = get('hint')

  function grow(): void {
    area.style.height = 'auto'
    area.style.height = `${area.scrollHeight}px`
  }

  function tell(problem: string): void {
    setText(hint, problem)
    area.setAttribute('aria-invalid', String(problem !== ''))
  }

  function review(): void {
    const { length } = area.value
    setText(counter, length < near ? '' : `${length}／${longest}字`)
    tell(length > longest ? problemOf(area.value) : '')
    grow()
  }

  function send(): void {
    const text = area.value.trim()
    const problem = problemOf(text)
    if (problem) {
      tell(problem)
      area.focus()
      return
    }
    area.value = ''
    review()
    submit(text)
  }

  form.addEventListener('submit', event => {
    event.preventDefault()
    send()
  })
  area.addEventListener('input', review)
  area.addEventListener('keydown', event => {
    if (!isSending(event)) return
    event.preventDefault()
    send()
  })
  // The focus stays in the text, and the keyboard of a phone open.
  get('send').addEventListener('mousedown', event => event.preventDefault())
  addEventListener('resize', grow)

  return {
    put(text) {
      area.value = area.value ? `${text}\n${area.value}` : text
      review()
      area.focus()
    },
    focus: () => area.focus(),
  }
}
