/** Wires the filing of requests into conversations: what is searched before, and what becomes of a form that is sent. */
import type { Clock } from '#base/clock'
import type { Log } from '#base/log'
import type { DisclosureDesk } from '#casework'
import { type Document, link, list, paragraph } from '#channel'
import type { FormPlace } from '#conversation'
import { createConversationStore } from '#conversation'
import { type Ledger, placeOf } from '#delivery'
import type { Answerer, Form } from '#dialog'
import { createFilingForm, type Filing, organOf, filingWording as w, wishesOf } from '#disclosure'
import type { DeliveryWay } from '#dossier'
import { receiptOf, receiptUrl, statusUrl } from '#pages'
import type { Press } from '#paper'
import { formatDay } from '#statute'
import type { Row, Store, Vault } from '#storage'

/** How the register names the channels; a new one is the internet at large. */
const registerNames: Record<string, string> = {
  'official-account': 'wechat',
  wechaty: 'wechat',
  telegram: 'telegram',
  'web-chat': 'web',
}

export interface FilingsOptions {
  desk: Pick<DisclosureDesk, 'submit' | 'slip'>
  answerer: Pick<Answerer, 'answer'>
  hotline: string
  agency: string
  /** How citizens reach the public's pages; absent: the receipt comes as a picture. */
  publicUrl?: string | undefined
  press: Pick<Press, 'picture'>
  log: Log
  /** The address of a page, good once, on which the form is filled in; undefined: there is no such page. */
  invite?: (place: FormPlace, form: string) => Promise<string | undefined>
}

/** In pixels: readable on a telephone, and small. */
const receiptWidth = 720
/** Where to go when nothing else is offered. */
const own = ['menu', 'human', 'wish']
/** What worth knowing was found: an answer, something near, or whose matter it is. */
const worthKnowing = /^(?:answered|offered|handover)/

export function createFilings(options: FilingsOptions) {
  const { desk, answerer, hotline, invite, agency, publicUrl, press, log } = options

  /** A page to fetch it from, else a picture; outside the mainland never the picture. */
  async function receiptFor(number: string, code: string, { abroad }: FormPlace): Promise<Document> {
    if (publicUrl !== undefined) {
      const address = (path: string) => new URL(path, publicUrl).href
      const own = { number, code }
      return [link(w.receipt, address(receiptUrl(own))), link(w.progress, address(statusUrl(own)))]
    }
    const slip = abroad ? undefined : await desk.slip(number, code)
    if (!slip) return []
    try {
      const { data } = await press.picture(receiptOf(slip, agency), receiptWidth)
      return [{ kind: 'picture', data: data.toString('base64'), alternative: w.proved(slip.proof) }]
    } catch (error) {
      // The request is made: a picture that cannot be drawn must not make its filing fail.
      log.error('receipt.failed', error)
      return []
    }
  }

  /** What the wish looks like, and whose matter it is: they may file all the same. */
  function adviceOn(description: string): Document {
    const [wish] = wishesOf(description)
    const organ = organOf(description)
    const advice = [wish && w.wishes[wish](hotline), organ && w.elsewhere(organ)].filter(Boolean) as string[]
    return advice.map(paragraph)
  }

  async function search(description: string, place: FormPlace): Promise<Document | undefined> {
    const all = [...adviceOn(description), ...(await findKnown(description, place))]
    return all.length > 0 ? [...all, paragraph(w.goOn)] : undefined
  }

  async function findKnown(description: string, { conversation }: FormPlace): Promise<Document> {
    const { document, given } = await answerer.answer(description, { language: 'zh-CN', conversation })
    if (!given || !worthKnowing.test(given.outcome)) return []
    const answer = document.filter(block => block.kind !== 'choices')
    // Of what is offered only the names are told: a choice would be taken for one of the form's.
    const offered = document.flatMap(block => (block.kind === 'choices' ? block.options : []))
    const names = offered.filter(({ id }) => !own.includes(id)).map(({ label }) => label)
    const told = given.outcome.startsWith('offered') ? [list(names)] : answer
    return [paragraph(w.found), ...told]
  }

  async function file(filing: Filing, place: FormPlace, once: string) {
    const { applicant, name, idNumber, contactPerson, contact, description, medium, delivery, address } =
      filing
    const made = await desk.submit({
      once,
      channel: registerNames[place.channel] ?? 'internet',
      applicant,
      name,
      idNumber,
      contact: contactPerson === null ? contact : `${contactPerson} ${contact}`,
      address,
      description,
      medium,
      delivery: delivery as DeliveryWay,
      conversation: place.conversation,
      abroad: place.abroad,
    })
    const say = [
      paragraph(w.filed(made.ref, made.code)),
      list([
        w.receivedOn(formatDay(made.receivedOn), made.how),
        w.dueOn(formatDay(made.dueOn)),
        made.explanation,
      ]),
      ...(made.code === null ? [] : await receiptFor(made.ref, made.code, place)),
      ...(publicUrl === undefined ? [paragraph(w.material)] : []),
      paragraph(w.after(hotline)),
    ]
    return { say, writes: [] }
  }

  /** The form as it is filled in, wherever that is. */
  const formFor = (place: FormPlace): Form =>
    createFilingForm({
      search: description => search(description, place),
      file: (filing, once) => file(filing, place, `${place.conversation}:${once}`),
    })

  /** In a conversation outside the mainland the form is on a page of ours (个人信息保护法 Art 36). */
  function inConversation(place: FormPlace): Form {
    const form = formFor(place)
    if (!place.abroad) return form
    const elsewhere = async () => {
      const url = await invite?.(place, form.name)
      const say =
        url === undefined ? [paragraph(w.noPage(hotline))] : [paragraph(w.onPage), link(w.pageLabel, url)]
      return { say, writes: [] }
    }
    return { ...form, elsewhere }
  }

  return { formFor, inConversation }
}

interface TellParts {
  store: Store
  vault: Vault
  ledger: Ledger
  clock: Clock
}

/** What it takes to say something in a conversation, by its number; undefined where that is gone. */
export async function tellIn(
  { store, vault, ledger, clock }: TellParts,
  conversation: number,
  document: Document,
) {
  const id = await createConversationStore(store).findPlace(conversation)
  const key = id === undefined ? undefined : await vault.find(id)
  if (id === undefined || !key) return undefined
  const drafts = ledger.parts({ to: { conversation, ...placeOf(id) }, document, createdAt: clock.now() })
  return {
    writes: drafts.map(draft => ledger.enter(draft, key)),
    carry: (rows: readonly (Row[] | undefined)[]) => ledger.carry(drafts, rows),
  }
}
