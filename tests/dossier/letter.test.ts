/** Letters: whatever the outcome, the law, the reasons and the remedy stand in it, or there is no letter. */
import { describe, expect, it } from 'vitest'
import { briefOf, composeReply, documentOf, missingOf, textOf } from '#dossier'
import { dispositions, type Outcome, outcomes, type Part, parts } from '#statute'

const head = { ref: '2025-0001', addressee: '甲乙丙丁', agency: '某某厅', on: '2025-03-20' }
const venue = { organ: '某某省人民政府', url: 'https://xzfy.example.gov.cn/' }
const all = Object.fromEntries(Object.keys(parts).map(part => [part, `这里是${part}`])) as Record<
  Part,
  string
>
const reply = (disposition: (typeof dispositions)[number], told: Partial<Record<Part, string>> = all) =>
  composeReply(head, { disposition, told, body: '', receivedOn: '2025-03-03', venue })

describe('a reply', () => {
  it.each(dispositions)('of %s tells its articles, what it must, and its remedy', disposition => {
    const { articles, requires, withheld }: Outcome = outcomes[disposition]
    const letter = reply(disposition)
    const text = textOf(letter)
    if (articles.length > 0)
      expect(text).toMatch(/根据《中华人民共和国政府信息公开条例》第[一二三四五六七八九十]+条/)
    for (const part of requires) expect(text).toContain(`这里是${part}`)
    expect(letter.remedy?.reconsiderationFirst).toBe(withheld)
    expect(text).toContain(letter.remedy?.text)
    expect(text).toMatch(/^.*\n甲乙丙丁：\n本机关于2025年3月3日收到.*2025-0001/)
  })

  it.each(dispositions)('of %s is not made while anything is missing', disposition => {
    for (const part of (outcomes[disposition] as Outcome).requires) {
      expect(missingOf(disposition, { ...all, [part]: ' ' })).toEqual([part])
      expect(() => reply(disposition, { ...all, [part]: undefined as never })).toThrow(parts[part])
    }
  })

  it('is a document with the way to contest it online', () => {
    const document = documentOf(reply('denied_process'))
    expect(document[0]).toEqual({ kind: 'heading', text: '政府信息公开申请答复书' })
    expect(document).toContainEqual({ kind: 'link', label: '网上申请行政复议', url: venue.url })
  })

  it('is told abroad by its number and title alone', () => {
    expect(JSON.stringify(briefOf(reply('granted')))).not.toMatch(/甲乙丙丁|这里是/)
  })
})
