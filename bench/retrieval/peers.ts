/** The rankers that are compared: ours, and four libraries over the words of jieba. */
import { DatabaseSync } from 'node:sqlite'
import { createRanker } from '../../src/retrieval/ranker.ts'
import type { Item } from './open-sets.ts'

export interface Peer {
  name: string
  /** Indexes the items; what it gives finds the ids of the best five. */
  index(items: readonly Item[]): Promise<(query: string) => string[] | Promise<string[]>>
}

const wanted = 5

const ours: Peer = {
  name: 'Gongkai',
  async index(items) {
    const ranker = createRanker(
      items.map(i => ({ ...i, title: i.question, questions: i.variants, not: [], topic: null })),
    )
    return query => ranker.rank(query, wanted).ranked.map(({ index }) => items[index]?.id ?? '')
  },
}

// The libraries are installed in this folder alone; by a name in a variable the type checker does not look for them.
const load = (name: string) => import(name)

/** Words as jieba cuts them for searching; signs and blanks are no words. */
async function createCutter(): Promise<(text: string) => string[]> {
  const { Jieba } = await load('@node-rs/jieba')
  const { dict } = await load('@node-rs/jieba/dict.js')
  const jieba = Jieba.withDict(dict)
  return text =>
    jieba.cutForSearch(text.toLowerCase(), true).filter((word: string) => /[\p{L}\p{N}]/u.test(word))
}

const documentOf = (item: Item) => ({
  id: item.id,
  title: [item.question, ...item.variants].join('\n'),
  answer: item.answer,
})

const miniSearch: Peer = {
  name: 'MiniSearch + jieba',
  async index(items) {
    const [{ default: MiniSearch }, cut] = await Promise.all([load('minisearch'), createCutter()])
    const index = new MiniSearch({
      fields: ['title', 'answer'],
      tokenize: cut,
      searchOptions: { boost: { title: 2 } },
    })
    index.addAll(items.map(documentOf))
    return query =>
      index
        .search(query)
        .slice(0, wanted)
        .map((hit: { id: string }) => hit.id)
  },
}

const orama: Peer = {
  name: 'Orama + jieba',
  async index(items) {
    const [{ create, insertMultiple, search }, cut] = await Promise.all([
      load('@orama/orama'),
      createCutter(),
    ])
    const tokenizer = { language: 'chinese', normalizationCache: new Map(), tokenize: cut }
    const index = create({ schema: { title: 'string', answer: 'string' }, components: { tokenizer } })
    await insertMultiple(index, items.map(documentOf))
    return async query => {
      const { hits } = await search(index, { term: query, limit: wanted, threshold: 1, boost: { title: 2 } })
      return hits.map((hit: { id: string }) => hit.id)
    }
  },
}

const flexSearch: Peer = {
  name: 'FlexSearch + jieba',
  async index(items) {
    const [{ default: FlexSearch }, cut] = await Promise.all([load('flexsearch'), createCutter()])
    const index = new FlexSearch.Index({ encode: cut, resolution: 9 })
    for (const item of items) index.add(item.id, `${item.question} ${item.variants.join(' ')} ${item.answer}`)
    return query => index.search(query, { limit: wanted, suggest: true })
  },
}

const fts5: Peer = {
  name: 'SQLite FTS5 + jieba',
  async index(items) {
    const cut = await createCutter()
    const database = new DatabaseSync(':memory:')
    database.exec('create virtual table entries using fts5(id unindexed, title, answer)')
    const insert = database.prepare('insert into entries values (?, ?, ?)')
    const words = (text: string) => cut(text).join(' ')
    for (const { id, title, answer } of items.map(documentOf)) insert.run(id, words(title), words(answer))
    const select = database.prepare(
      `select id from entries where entries match ? order by bm25(entries, 0, 2, 1) limit ${wanted}`,
    )
    return query => {
      const terms = cut(query).map(word => `"${word}"`)
      return terms.length === 0 ? [] : select.all(terms.join(' OR ')).map(row => String(row.id))
    }
  },
}

export const peers: readonly Peer[] = [ours, miniSearch, orama, flexSearch, fts5]
