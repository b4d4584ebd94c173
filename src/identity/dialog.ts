/** The chat about linking and about one's own data: what a command means, what is said, what must be written with it. */
import { type Clock, formatLegalDate } from '#base/clock'
import { choices, type Document, list, paragraph } from '#channel'
import type { Write } from '#storage'
import { parseLinkCode } from './code.ts'
import { parseOwnCommand } from './command.ts'
import { codeMinutes, type IdentityDesk, type Kept } from './desk.ts'
import type { KeptRow, LinkedRow } from './store.ts'
import { type IdentityWording, identityWording } from './wording.ts'

const dayMs = 24 * 60 * 60_000
/** So long a confirmation may be given after it was asked for. */
const confirmMs = 10 * 60_000
const confirmation = 'erase:'
const refusal = 'erase:no'

/** What a person asks about themselves: a command, a code, or the answer to what was asked back. */
export type Ask =
  | { kind: 'link' | 'unlink' | 'data' | 'erase' | 'keep' }
  | { kind: 'join'; code: string }
  | { kind: 'confirm'; askedAt: number }

export interface IdentityReply {
  say: Document
  writes: Write[]
  /** The document asks something back, by its choices. */
  asks?: true
  /** Everything that is kept of the person is to be deleted now. */
  erase?: true
  /** What another conversation has to be told. */
  elsewhere?: { conversation: number; id: string; document: Document }
}

export interface Asker {
  /** The number of the conversation. */
  conversation: number
  /** `<account>|<chat>` */
  id: string
  language: keyof typeof identityWording
}

export interface IdentityDialogOptions {
  desk: IdentityDesk
  clock: Clock
  retentionDays: number
  /** How citizens call the channel of this conversation (`<account>|<chat>`). */
  titleOf(id: string): string
  /** What was filed in these conversations and is kept by law; absent: nothing is ever filed. */
  listFiled?: ((conversations: readonly number[]) => Promise<readonly Filed[]>) | undefined
}

/** A request for information, by its number and where it stands. */
export interface Filed {
  ref: string
  state: string
}

/** What was asked by a text, or by the choice where there is one; undefined when it is nothing of this dialog. */
export function parseAsk(text: string, choice: string | undefined): Ask | undefined {
  if (choice === refusal) return { kind: 'keep' }
  if (choice?.startsWith(confirmation))
    return { kind: 'confirm', askedAt: Number(choice.slice(confirmation.length)) }
  if (choice !== undefined) return undefined
  const code = parseLinkCode(text)
  if (code !== undefined) return { kind: 'join', code }
  const kind = parseOwnCommand(text)
  return kind && { kind }
}

/** The one among the choices last offered that is meant where the words of a confirmation's button are typed. */
export async function findConfirmation(
  text: string,
  listOffers: () => Promise<readonly string[]>,
): Promise<string | undefined> {
  const words = text.normalize('NFKC').trim().toLowerCase()
  const labels = Object.values(identityWording).flatMap(w => [
    [w.eraseNow.toLowerCase(), (id: string) => id.startsWith(confirmation) && id !== refusal] as const,
    [w.eraseNot.toLowerCase(), (id: string) => id === refusal] as const,
  ])
  const meant = labels.find(([label]) => label === words)?.[1]
  return meant && (await listOffers()).find(meant)
}

const just = (sentence: string, writes: Write[] = []): IdentityReply => ({
  say: [paragraph(sentence)],
  writes,
})

export function createIdentityDialog(options: IdentityDialogOptions) {
  const { desk, clock, retentionDays, titleOf } = options
  const filedIn = async (conversations: readonly KeptRow[]) =>
    (await options.listFiled?.(conversations.map(row => row.seq))) ?? []

  async function offer({ conversation }: Asker, w: IdentityWording): Promise<IdentityReply> {
    const offered = await desk.offer(conversation)
    return offered.outcome === 'offered'
      ? just(w.offered(offered.code, codeMinutes), offered.writes)
      : just(w.tooManyMade)
  }

  async function join(asker: Asker, code: string, w: IdentityWording): Promise<IdentityReply> {
    const joined = await desk.join(asker.conversation, code)
    switch (joined.outcome) {
      case 'linked':
        return {
          ...just(w.linked(titleOf(joined.other.id)), joined.writes),
          elsewhere: tellOther(joined.other, asker),
        }
      case 'wrong':
        return just(w.wrong, joined.writes)
      case 'too-many':
        return just(w.tooManyMissed)
      default:
        return just(w[joined.outcome])
    }
  }

  /** Whoever read the code learns that it was used, and what to do if it was not they who used it. */
  function tellOther({ seq, id, language }: LinkedRow, by: Asker): NonNullable<IdentityReply['elsewhere']> {
    const w = identityWording[language === 'en' ? 'en' : 'zh-CN']
    return { conversation: seq, id, document: [paragraph(w.linkedFrom(titleOf(by.id)))] }
  }

  async function part({ conversation }: Asker, w: IdentityWording): Promise<IdentityReply> {
    const writes = await desk.part(conversation)
    return writes ? just(w.parted, writes) : just(w.notLinked)
  }

  function describe(row: KeptRow, asker: Asker, w: IdentityWording): string {
    return w.conversation({
      title: row.seq === asker.conversation ? undefined : titleOf(row.id),
      written: Number(row.written ?? 0),
      said: Number(row.said ?? 0),
      form: row.forms !== null,
      until: formatLegalDate((row.last_day + retentionDays + 1) * dayMs),
    })
  }

  async function tell(asker: Asker, w: IdentityWording): Promise<IdentityReply> {
    const { conversations, openLeft, answeredLeft } = await desk.tell(asker.conversation)
    const waiting = wishesOf(conversations)
    const linked = conversations.length
    const filed = await filedIn(conversations)
    const lines = [
      ...conversations.map(row => describe(row, asker, w)),
      linked > 1 ? w.linkedWith(linked) : w.notLinkedWith,
      ...filed.map(({ ref, state }) => w.filed(ref, state)),
      ...(waiting > 0 ? [w.wishes(waiting)] : []),
      ...(openLeft.length > 0 ? [w.openLeft(openLeft.join('、'))] : []),
      ...(answeredLeft.length > 0 ? [w.answeredLeft(answeredLeft.join('、'))] : []),
    ]
    return { say: [paragraph(w.kept), list(lines), paragraph(w.nothingElse)], writes: [] }
  }

  async function askBack(asker: Asker, w: IdentityWording): Promise<IdentityReply> {
    const options = [
      { id: `${confirmation}${clock.now()}`, label: w.eraseNow },
      { id: refusal, label: w.eraseNot },
    ]
    const kept = await desk.tell(asker.conversation)
    const refs = (await filedIn(kept.conversations)).map(({ ref }) => ref).join('、')
    const what = [...losses(kept, w), ...(refs === '' ? [] : [w.eraseFiled(refs)])].map(paragraph)
    return { say: [...what, choices(options)], writes: [], asks: true }
  }

  return {
    async respond(ask: Ask, asker: Asker): Promise<IdentityReply> {
      const w = identityWording[asker.language]
      switch (ask.kind) {
        case 'link':
          return offer(asker, w)
        case 'join':
          return join(asker, ask.code, w)
        case 'unlink':
          return part(asker, w)
        case 'data':
          return tell(asker, w)
        case 'erase':
          return askBack(asker, w)
        case 'keep':
          return just(w.eraseStopped)
        case 'confirm': {
          const age = clock.now() - ask.askedAt
          return age >= 0 && age <= confirmMs ? { say: [], writes: [], erase: true } : just(w.eraseOver)
        }
      }
    },
    /** The last word, after everything else is deleted. */
    confirmErased: (language: Asker['language']): Document => [paragraph(identityWording[language].erased)],
  }
}

export type IdentityDialog = ReturnType<typeof createIdentityDialog>

const wishesOf = (conversations: readonly KeptRow[]): number =>
  conversations.reduce((sum, row) => sum + Number(row.wishes ?? 0), 0)

/** What goes with the data, and what stays. */
function losses({ conversations, openLeft }: Kept, w: IdentityWording): string[] {
  const waiting = wishesOf(conversations)
  return [
    w.eraseAsk(conversations.length),
    ...(waiting > 0 ? [w.eraseWishes(waiting)] : []),
    ...(openLeft.length > 0 ? [w.eraseLeft(openLeft.join('、'))] : []),
    w.eraseKept,
  ]
}
