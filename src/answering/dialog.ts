/** An answer as the conversation says it: the entry's text, its citation as a block of its own, what to ask next. */
import { LRUCache } from 'lru-cache'
import {
  type Choice,
  type CitationBlock,
  choices,
  type Document,
  heading,
  paragraph,
  parseBody,
} from '#channel'
import { type Answerer, type Given, type Language, languages, type Reply } from '#conversation'
import { citationsOf, type Entry } from '#knowledge'
import type { Answer, Answering } from './answering.ts'
import { maybeFollowUp } from './context.ts'
import { answerWording } from './wording.ts'

const mostRelated = 3
// On a hotline day most people ask the same few hundred things in the same few words.
const repliesRemembered = 5_000
const choicePrefix = 'ask:'

const choiceOf = (entry: Entry): Choice => ({ id: `${choicePrefix}${entry.id}`, label: entry.title })

export interface AnswererOptions {
  answering: Answering
  hotline: string
}

/** The entry as it is said. */
export function documentOf(entry: Entry): Document {
  const citations = citationsOf(entry).map((citation): CitationBlock => ({ kind: 'citation', ...citation }))
  return [...parseBody(entry.answer), ...citations]
}

function givenOf({ outcome, risk, entry, confidence, candidates }: Answer): Given {
  return {
    outcome: risk ? `${outcome}:${risk}` : outcome,
    entry: entry?.id ?? null,
    version: null,
    confidence,
    candidates,
  }
}

export function createAnswerer({ answering, hotline }: AnswererOptions): Answerer {
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
    const next = choices(related.map(choiceOf), answerWording[language].related)
    const document = related.length === 0 ? documentOf(entry) : [...documentOf(entry), next]
    documents.get(language)?.set(entry, document)
    return document
  }

  /** Each answer under the question that it answers. */
  const saySeveral = (entries: readonly Entry[]): Document =>
    entries.flatMap(entry => [heading(entry.title), ...documentOf(entry)])

  function say(answer: Answer, language: Language): Document {
    const w = answerWording[language]
    if (answer.outcome === 'answered' && answer.entry)
      return answer.also ? saySeveral([answer.entry, ...answer.also]) : sayEntry(answer.entry, language)
    const human = { id: 'human', label: w.human }
    if (answer.risk !== undefined) {
      const rest = answer.entry ? sayEntry(answer.entry, language) : [choices([human])]
      return [paragraph(w.guarded[answer.risk]), ...rest]
    }
    if (answer.outcome === 'offered')
      return [paragraph(w.offered), choices([...answer.offers.map(choiceOf), human])]
    if (answer.outcome === 'handover') return [paragraph(w.handover(hotline)), choices([human])]
    return [paragraph(w.refused(hotline)), choices([human, { id: 'menu', label: w.menu }])]
  }

  const remembered = new LRUCache<string, Reply>({ max: repliesRemembered })

  return {
    answer(text, { language, before }): Reply {
      const question = `${language} ${text}${before && maybeFollowUp(text) ? `\n${before.entry}\n${before.question}` : ''}`
      forgetChanged()
      const known = remembered.get(question)
      if (known) return known
      const answer = answering.answer(text, { before })
      const certain = answer.outcome === 'answered'
      const reply = { document: say(answer, language), certain, given: givenOf(answer) }
      remembered.set(question, reply)
      return reply
    },
    choose(choice, { language }): Reply | undefined {
      forgetChanged()
      const entry = choice.startsWith(choicePrefix)
        ? answering.find(choice.slice(choicePrefix.length))
        : undefined
      if (!entry) return undefined
      const given = { outcome: 'chosen', entry: entry.id, version: null, confidence: 1, candidates: [] }
      return { document: sayEntry(entry, language), certain: true, given }
    },
  }
}
