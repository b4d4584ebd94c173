/** An answer as the conversation says it: the entry's text, its citation as a block of its own, what to ask next. */
import { type Choice, type CitationBlock, choices, type Document, paragraph, parseBody } from '#channel'
import type { Answerer, Language, Reply } from '#conversation'
import type { Answer, Answering } from './answering.ts'
import { citationsOf, type Entry } from './knowledge.ts'
import { answerWording } from './wording.ts'

const mostRelated = 3
const choicePrefix = 'ask:'

const choiceOf = (entry: Entry): Choice => ({ id: `${choicePrefix}${entry.id}`, label: entry.title })

export interface AnswererOptions {
  answering: Answering
  hotline: string
}

/** The entry as it is said. Built once an entry: the same blocks serve everyone who asks. */
export function documentOf(entry: Entry): Document {
  const citations = citationsOf(entry).map((citation): CitationBlock => ({ kind: 'citation', ...citation }))
  return [...parseBody(entry.answer), ...citations]
}

export function createAnswerer({ answering, hotline }: AnswererOptions): Answerer {
  const documents = new WeakMap<Entry, Document>()

  function sayEntry(entry: Entry, language: Language): Document {
    const known = documents.get(entry) ?? documentOf(entry)
    documents.set(entry, known)
    const related = entry.related.flatMap(id => answering.find(id) ?? []).slice(0, mostRelated)
    if (related.length === 0) return known
    return [...known, choices(related.map(choiceOf), answerWording[language].related)]
  }

  function say(answer: Answer, language: Language): Document {
    const w = answerWording[language]
    if (answer.outcome === 'answered' && answer.entry) return sayEntry(answer.entry, language)
    const human = { id: 'human', label: w.human }
    if (answer.outcome === 'offered')
      return [paragraph(w.offered), choices([...answer.offers.map(choiceOf), human])]
    return [paragraph(w.refused(hotline)), choices([human, { id: 'menu', label: w.menu }])]
  }

  return {
    answer(text, language): Reply {
      const answer = answering.answer(text)
      return { document: say(answer, language), certain: answer.outcome === 'answered' }
    },
    choose(choice, language): Reply | undefined {
      const entry = choice.startsWith(choicePrefix)
        ? answering.find(choice.slice(choicePrefix.length))
        : undefined
      return entry && { document: sayEntry(entry, language), certain: true }
    },
  }
}
