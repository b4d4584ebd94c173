import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadKnowledge } from '#knowledge'
import { citationOf, faultOfCitation, findLaw, laws } from '../../src/knowledge/laws.ts'

const today = '2026-11-23'

describe('the table of laws', () => {
  it('knows each title once, without signs and without the name of the country', () => {
    const titles = laws.map(law => law.title)
    expect(new Set(titles).size).toBe(titles.length)
    expect(titles.filter(title => /[《》]|^中华人民共和国/.test(title))).toEqual([])
  })

  it('finds a law by its formal title', () => {
    expect(findLaw('《中华人民共和国社会保险法》')?.articles).toBe(98)
  })

  it('says since when the quoted text applies', () => {
    const source = { law: '社会保险法', article: 45, title: null, url: null }
    expect(citationOf(source)).toEqual({
      ...source,
      title: '中华人民共和国社会保险法',
      inForce: '2018-12-29',
    })
  })

  it('leaves a source that it does not know as it is', () => {
    const source = { law: '某某通知', article: null, title: null, url: null }
    expect(citationOf(source)).toEqual(source)
  })
})

describe('a citation', () => {
  it('holds for an article that exists', () => {
    expect(faultOfCitation('失业保险条例', 33, today)).toBeUndefined()
    expect(faultOfCitation('国务院关于渐进式延迟法定退休年龄的办法', null, today)).toBeUndefined()
  })

  it('is refused beyond the last article, and for a law that is not known', () => {
    expect(faultOfCitation('失业保险条例', 34, today)).toBe('no such article')
    expect(faultOfCitation('失业保险法', 1, today)).toBe('unknown')
  })

  it('is refused from the day on which the law no longer applies', () => {
    const interpretation = '最高人民法院关于审理政府信息公开行政案件若干问题的规定'
    expect(faultOfCitation(interpretation, 1, '2025-05-31')).toBeUndefined()
    expect(faultOfCitation(interpretation, 1, '2025-06-01')).toBe('repealed')
  })

  it('is refused before the law applies', () => {
    expect(faultOfCitation('行政复议法', 1, '2023-12-31')).toBe('not yet in force')
  })
})

const texts = resolve('../shared/laws')

/** Title and number of articles of every text in the folder; of two versions the one with the later date. */
function countArticles(): Map<string, number> {
  const counts = new Map<string, number>()
  const files = readdirSync(texts, { recursive: true, encoding: 'utf8' }).sort()
  for (const file of files) {
    const title = /([^/]+)\(\d{4}-\d{2}-\d{2}\)\.md$/.exec(file)?.[1]
    if (title === undefined) continue
    const articles = readFileSync(resolve(texts, file), 'utf8').match(
      /^[\s\u200b]*第[零一二三四五六七八九十百]+条[ \u3000]/gmu,
    )
    counts.set(title, articles?.length ?? 0)
  }
  return counts
}

describe.runIf(existsSync(texts))('the table beside the complete texts', () => {
  const counts = existsSync(texts) ? countArticles() : new Map<string, number>()
  // One copy in the folder lost the line break before its article 16.
  const complete = (title: string) =>
    (counts.get(title) ?? 0) + (title === '山东省企业工资集体协商条例' ? 1 : 0)

  it('holds every law of the folder with its number of articles', () => {
    const known = [...counts.keys()].map(title => [title, findLaw(title)?.articles])
    expect(known).toEqual([...counts.keys()].map(title => [title, complete(title) || null]))
  })

  it.runIf(existsSync('knowledge'))('bears out every citation of our own knowledge', async () => {
    const { entries } = await loadKnowledge('knowledge', today)
    const cited = entries.flatMap(entry => entry.sources)
    expect(cited.length).toBeGreaterThan(0)
    expect(cited.filter(({ law, article }) => article !== null && article > complete(law))).toEqual([])
  })
})
