/** An answer as the conversation says it: the entry's text, its citation as a block of its own, what to ask next. */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#base/clock'
import {
  type Choice,
  type CitationBlock,
  choices,
  type Document,
  heading,
  paragraph,
  parseBody,
} from '#channel'
import { type Answerer, type Asked, type Given, type Language, languages, type Reply } from '#dialog'
import { citationsOf, type Entry } from '#knowledge'
import type { Semantic } from '#model'
import type { Phrased, Phrasing } from '#phrasing'
import type { Write } from '#storage'
import type { Answer, Answering, Open } from './answering.ts'
import { maybeFollowUp } from './context.ts'
import { clarify } from './decision.ts'
import type { AnswerStore } from './store.ts'
import { answerWording } from './wording.ts'

const mostRelated = 3
// On a hotline day most people ask the same few hundred things in the same few words.
const repliesRemembered = 5_000
const choicePrefix = 'ask:'

/** Narrows a choice to these entries: `among:a,b`. */
const amongPrefix = 'among:'

/** In bytes, as the narrowest channel allows. */
const longestChoice = 64

const choiceOf = (entry: Entry): Choice => ({ id: `${choicePrefix}${entry.id}`, label: entry.title })

/** One question in which the offered entries differ, where there is one; else their titles. */
function sayOffers(offers: readonly Entry[], language: Language): { ask: string; offered: Choice[] } {
  const w = answerWording[language]
  const clarification = clarify(offers)
  if (!clarification) return { ask: w.offered, offered: offers.map(choiceOf) }
  const values = clarification.values.map(({ value, entries }): Choice => {
    const [first, ...more] = entries.map(entry => entry.id)
    return { id: more.length === 0 ? choicePrefix + first : amongPrefix + [first, ...more], label: value }
  })
  const offered = [...values, ...clarification.others.map(choiceOf)]
  // A choice that is too long for a channel cannot be made there.
  if (offered.some(({ id }) => Buffer.byteLength(id) > longestChoice))
    return { ask: w.offered, offered: offers.map(choiceOf) }
  return { ask: w.clarify(clarification.facet), offered }
}

export interface AnswererOptions {
  answering: Answering
  hotline: string
  /** Where verdicts and wishes are kept; absent: nobody is asked for them. */
  feedback?: Pick<AnswerStore, 'rate' | 'wish'> & { clock: Clock }
  /** A language model's help; absent: there is none. */
  phrasing?: Phrasing & { clock: Clock; similar?: Semantic['similar'] | undefined }
}

/** So long may the model take over one message; then the plain answer goes out. */
const modelPatienceMs = 4_000

const goodPrefix = 'good:'
const badPrefix = 'bad:'
const wishChoice = 'wish'

/** The entry as it is said. */
export function documentOf(entry: Entry): Document {
  const citations = citationsOf(entry).map((citation): CitationBlock => ({ kind: 'citation', ...citation }))
  return [...parseBody(entry.answer), ...citations]
}

/** A verdict on an answer, its reason, or the wish to be told; undefined when the choice is none of these. */
function takeNote(
  choice: string,
  { language, conversation }: Asked,
  feedback: NonNullable<AnswererOptions['feedback']>,
): Reply | undefined {
  const w = answerWording[language]
  const note = (document: Document, write: Write): Reply => ({ document, certain: true, writes: [write] })
  if (choice === wishChoice)
    return note([paragraph(w.wished)], feedback.wish(conversation, feedback.clock.now()))
  const [, verdict, entry = '', number] = /^(good|bad):([^:]+)(?::(\d))?$/.exec(choice) ?? []
  const reason = number === undefined ? null : (w.reasons[Number(number)] ?? null)
  if (verdict === 'good')
    return note([paragraph(w.thanks)], feedback.rate({ conversation, entry, verdict, reason }))
  if (verdict !== 'bad') return undefined
  const reasons = w.reasons.map((label, i) => ({ id: `${badPrefix}${entry}:${i}`, label }))
  const said = reason === null ? [paragraph(w.whyBad), choices(reasons)] : [paragraph(w.thanks)]
  return note(said, feedback.rate({ conversation, entry, verdict, reason }))
}

/** What the model phrased, with the citations of what it rests on, and with the choices of the plain answer. */
function sayPhrased({ text, entries }: Phrased, plain: Document): Document {
  const citations = entries.flatMap(entry => documentOf(entry).filter(block => block.kind === 'citation'))
  return [...parseBody(text), ...citations, ...plain.filter(block => block.kind === 'choices')]
}

function givenOf({ outcome, risk, entry, also = [], confidence, candidates }: Answer): Given {
  return {
    outcome: risk ? `${outcome}:${risk}` : outcome,
    entry: entry?.id ?? null,
    version: entry?.version ?? null,
    also: also.flatMap(({ id, version }) => (version === undefined ? [] : { entry: id, version })),
    confidence,
    candidates,
  }
}

export function createAnswerer({ answering, hotline, feedback, phrasing }: AnswererOptions): Answerer {
  // One document an entry and language: whoever writes it out need do so once.
  const noDocuments = () =>
    new Map<Language, WeakMap<Entry, Document>>(languages.map(l => [l, new WeakMap()]))
  let documents = noDocuments()
  let changes = answering.changes

  /** What was remembered holds for the entries of that time. */
  function forgetChanged(): void {
    if (changes === answering.changes) return
    changes = answering.changes
    documents = noDocuments()
    remembered.clear()
  }

  function sayEntry(entry: Entry, language: Language): Document {
    const known = documents.get(language)?.get(entry)
    if (known) return known
    const related = entry.related.flatMap(id => answering.find(id) ?? []).slice(0, mostRelated)
    const w = answerWording[language]
    const verdicts = [
      { id: goodPrefix + entry.id, label: w.good },
      { id: badPrefix + entry.id, label: w.bad },
    ]
    const offered = [...related.map(choiceOf), ...(feedback ? verdicts : [])]
    const next = choices(offered, related.length > 0 ? w.related : undefined)
    const document = offered.length === 0 ? documentOf(entry) : [...documentOf(entry), next]
    documents.get(language)?.set(entry, document)
    return document
  }

  /** Each answer under the question that it answers. */
  const saySeveral = (entries: readonly Entry[], open: readonly Open[], language: Language): Document => [
    ...entries.flatMap(entry => [heading(entry.title), ...documentOf(entry)]),
    ...open.flatMap(({ question, offers }) => [heading(question), ...sayOpen(offers, language)]),
  ]

  function sayOpen(offers: readonly Entry[], language: Language): Document {
    if (offers.length === 0) return [paragraph(answerWording[language].refused(hotline))]
    const { ask, offered } = sayOffers(offers, language)
    return [paragraph(ask), choices(offered)]
  }

  function say(answer: Answer, language: Language): Document {
    const w = answerWording[language]
    if (answer.outcome === 'answered' && answer.entry)
      return answer.also || answer.open
        ? saySeveral([answer.entry, ...(answer.also ?? [])], answer.open ?? [], language)
        : sayEntry(answer.entry, language)
    const human = { id: 'human', label: w.human }
    const wish = feedback ? [{ id: wishChoice, label: w.wish }] : []
    if (answer.risk !== undefined) {
      const rest = answer.entry ? sayEntry(answer.entry, language) : [choices([human])]
      return [paragraph(w.guarded[answer.risk]), ...rest]
    }
    if (answer.outcome === 'offered') {
      const { ask, offered } = sayOffers(answer.offers, language)
      return [paragraph(ask), choices([...offered, human])]
    }
    if (answer.outcome === 'handover') return [paragraph(w.handover(hotline)), choices([human, ...wish])]
    const who = answer.left?.who
    const menu = { id: 'menu', label: w.menu }
    if (who !== undefined) return [paragraph(w.elsewhere(who)), choices([human, menu])]
    return [paragraph(w.refused(hotline)), choices([human, ...wish, menu])]
  }

  /** What the model makes of it, where it makes something that holds; else the plain answer. */
  async function answerAssisted(
    text: string,
    { language, before }: Asked,
    help: NonNullable<AnswererOptions['phrasing']>,
  ): Promise<Reply> {
    forgetChanged()
    const until = help.clock.now() + modelPatienceMs
    const patience = () => ({ deadlineMs: Math.max(1, until - help.clock.now()) })
    const byWords = answering.answer(text, { before })
    if (byWords.outcome === 'guarded' || byWords.outcome === 'handover') return replyTo(byWords, language)
    const meaning = await help.similar?.(text, patience().deadlineMs)
    const plain = meaning ? answering.answer(text, { before, meaning }) : byWords
    const earlier = before && { question: before.question, entry: answering.find(before.entry ?? '') }
    const whole = earlier && maybeFollowUp(text) ? await help.rewrite(text, earlier, patience()) : undefined
    const question = whole ?? text
    const found = whole === undefined ? plain : answering.answer(whole)
    const chosen =
      found.outcome === 'offered' ? await help.choose(question, found.offers, patience()) : undefined
    const answer: Answer = chosen ? { ...found, outcome: 'answered', entry: chosen, offers: [] } : found
    if (answer.outcome !== 'answered' || !answer.entry || answer.open) return replyTo(answer, language)
    const entries = [answer.entry, ...(answer.also ?? [])]
    const phrased = await help.phrase(question, entries, patience())
    const reply = replyTo(answer, language)
    return phrased ? { ...reply, document: sayPhrased(phrased, reply.document) } : reply
  }

  function replyTo(answer: Answer, language: Language): Reply {
    const repealed = (answer.repealed ?? []).map(law => paragraph(answerWording[language].repealed(law)))
    return {
      document: [...repealed, ...say(answer, language)],
      certain: answer.outcome === 'answered',
      given: givenOf(answer),
    }
  }

  const remembered = new LRUCache<string, Reply>({ max: repliesRemembered })

  return {
    answer(text, asked): Reply | Promise<Reply> {
      const { language, before } = asked
      if (phrasing) return answerAssisted(text, asked, phrasing)
      const question = `${language} ${text}${before && maybeFollowUp(text) ? `\n${before.entry}\n${before.question}` : ''}`
      forgetChanged()
      const known = remembered.get(question)
      if (known) return known
      const reply = replyTo(answering.answer(text, { before }), language)
      remembered.set(question, reply)
      return reply
    },
    choose(choice, asked): Reply | undefined {
      forgetChanged()
      const noted = feedback && takeNote(choice, asked, feedback)
      if (noted) return noted
      const { language } = asked
      const among = choice.startsWith(amongPrefix) ? choice.slice(amongPrefix.length).split(',') : []
      const offers = among.flatMap(id => answering.find(id) ?? [])
      if (offers.length > 1)
        return replyTo({ outcome: 'offered', confidence: 1, offers, candidates: [] }, language)
      const entry = choice.startsWith(choicePrefix)
        ? answering.find(choice.slice(choicePrefix.length))
        : undefined
      if (!entry) return undefined
      const { id, version = null } = entry
      const given = { outcome: 'chosen', entry: id, version, confidence: 1, candidates: [] }
      return { document: sayEntry(entry, language), certain: true, given }
    },
  }
}
