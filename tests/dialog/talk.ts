/** A conversation with nothing behind it: turns computed one after the other, and never written. */
import { choicesOf, formatPlain, paragraph } from '#channel'
import {
  type Answerer,
  createLeaveMessage,
  createSession,
  createWording,
  type Form,
  type Language,
  type LeftMessage,
  leaveMessageName,
  parseChoiceNumber,
  type Session,
  type Turn,
  type TurnDeps,
  takeTurn,
} from '#dialog'
import { offersOf } from '../../src/conversation/known.ts'

export const wording = createWording({ name: '测试局', hotline: '12333' })

/** Sure of whatever has 失业金 in it; knows one choice. */
export const answerer: Answerer = {
  answer: text => ({ document: [paragraph(`答：${text}`)], certain: text.includes('失业金') }),
  choose: id => (id === 'ask:x' ? { document: [paragraph('选中的答案')], certain: true } : undefined),
}

/** A second form, in whose middle one can ask for a person. */
export const survey: Form = {
  name: 'survey',
  version: 2,
  title: '意见调查',
  fields: [
    { key: 'colour', label: '颜色', prompt: '您喜欢哪种颜色？', options: ['红', '绿'] },
    { key: 'reason', label: '理由', prompt: '为什么？', free: true },
  ],
  submit: () => ({ say: [paragraph('谢谢参加')], writes: [] }),
}

export interface Talk {
  session: Session
  left: LeftMessage[]
  last: Turn | undefined
  /** Says a text and gives the replies; a number means one of the choices last offered, as in the gateway. */
  say(text: string): Promise<string[]>
  /** Taps a choice. */
  tap(id: string): Promise<string[]>
  /** The labels last offered. */
  offered(): string[]
  /** The next turn is the first after a restart or a long pause. */
  pause(): void
}

export function createTalk(options: { session?: Session; first?: boolean; forms?: Form[] } = {}): Talk {
  const left: LeftMessage[] = []
  let input = { first: options.first ?? false, resumed: false }
  const keep = (message: LeftMessage) => {
    left.push(message)
    return []
  }
  const forms = (language: Language) => {
    const human = createLeaveMessage(wording[language], { newNumber: () => 'L20261123-AAAAA', keep })
    return new Map([human, ...(options.forms ?? [survey])].map(form => [form.name, form]))
  }
  const deps: TurnDeps = { wording, retentionDays: 180, answerer, forms, humanForm: leaveMessageName }

  async function turn(text: string, choice: string | undefined): Promise<string[]> {
    const taken = await takeTurn(talk.session, { text, choice, conversation: 1, ...input }, deps)
    input = { first: false, resumed: false }
    talk.session = taken.session
    talk.last = taken
    return taken.say.map(formatPlain)
  }

  const talk: Talk = {
    session: options.session ?? createSession(),
    left,
    last: undefined,
    say(text) {
      const number = parseChoiceNumber(text)
      return turn(text, number === undefined ? undefined : offersOf(talk.last?.say ?? [])[number - 1])
    },
    tap: id => turn('', id),
    offered: () => (talk.last?.say ?? []).flatMap(choicesOf).map(choice => choice.label),
    pause() {
      input = { ...input, resumed: true }
    },
  }
  return talk
}
