/** What officials are told about their entries: what nobody finds, what is there twice, what is getting old. */
import { describe, expect, it } from 'vitest'
import { type Entry, reviewEntries } from '#knowledge'
import { entryOf, someEntries } from './entries.ts'

const today = '2026-11-23'
const kept = { owner: '失业处', reviewed: '2026-11-01' }
const review = (...entries: Entry[]) =>
  reviewEntries([...someEntries.map(entry => ({ ...entry, ...kept })), ...entries], today).map(
    ({ entry, problem, blocking }) => `${blocking ? '!' : ''}${entry} ${problem}`,
  )
const other = (id: string, title: string, rest: Partial<Entry> = {}) =>
  entryOf(id, title, { ...kept, ...rest })

describe('a review', () => {
  it('has nothing to say of entries that are in order', () => {
    expect(review(other('x', '工伤认定要多久？'))).toEqual([])
  })

  it.each([
    ['expires soon', { expires: '2026-12-31' }, '还有38天失效'],
    ['expires today', { expires: today }, '还有0天失效'],
    ['is unowned', { owner: null }, '没有负责处室'],
    ['was never reviewed', { reviewed: null }, '没有审核日期'],
    ['was reviewed long ago', { reviewed: '2025-11-01' }, '上次审核是 2025-11-01，超过一年'],
    ['names a relative that is not there', { related: ['nowhere'] }, '相关条目 nowhere 不存在'],
  ])('tells what %s, as advice', (_, rest, words) => {
    expect(review(other('x', '工伤认定要多久？', rest))).toEqual([expect.stringContaining(`x ${words}`)])
  })

  it('tells what has another in its place', () => {
    const found = review(
      other('x', '工伤认定要多久？'),
      other('y', '工伤几天能认定下来？', { supersedes: ['x'] }),
    )
    expect(found).toEqual([expect.stringContaining('x 已由条目 y 代替')])
  })

  it.each([
    [{ extends: 'nowhere', region: '370000' }, '它补充的条目 nowhere 不存在'],
    [{ extends: 'overtime-pay' }, '地方补充没有写地区'],
  ])('tells that a local rule is never shown: %j', (rest, words) => {
    expect(review(other('x', '', rest))).toEqual([expect.stringContaining(`!x ${words}`)])
  })

  it('tells that a title is taken, which keeps its entry from being told', () => {
    const found = review(other('x', '加班费按什么标准计算'))
    expect(found[0]).toContain('!x 标题“加班费按什么标准计算”与 overtime-pay 的标题相同')
  })

  it('tells that two entries have the same question', () => {
    const found = review(other('x', '年休假工资怎么算？', { questions: ['年假几天'] }))
    expect(found).toEqual([expect.stringContaining('x 问法“年假几天”与 annual-leave-days 的问法相同')])
  })

  it('tells that a question is the title of another entry, which then is not found by it', () => {
    const found = review(other('x', '年休假工资怎么算？', { questions: ['加班费按什么标准计算？'] }))
    expect(found).toEqual([
      expect.stringContaining('!x 问法“加班费按什么标准计算？”与 overtime-pay 的标题相同'),
    ])
  })

  it('tells that another entry is nearer to a question', () => {
    const question = '领取失业保险金符合哪些条件，失业金怎么领，被公司辞退了能领吗'
    const found = review(other('x', '工伤认定要多久？', { questions: [question] }))
    expect(found).toEqual([expect.stringContaining(`x 问法“${question}”更像 unemployment-conditions`)])
  })

  it('tells of each pair of entries that are nearly the same, once', () => {
    const found = review(other('x', '加班费按什么标准来计算？'))
    expect(found.filter(line => line.includes('几乎相同'))).toHaveLength(1)
  })
})
