import { describe, expect, it } from 'vitest'
import type { Form } from '#dialog'
import { stepSheet } from '../../src/pages/sheet.ts'

const form: Form = {
  name: 'a',
  version: 1,
  title: '申请',
  fields: [
    { key: 'kind', label: '类别', prompt: '您是？', options: ['个人', '单位'] },
    { key: 'code', label: '代码', prompt: '代码？', when: a => a.kind === '单位' },
    { key: 'name', label: '名称', prompt: '名称？', parse: text => ({ value: text.trim() }) },
    { key: 'note', label: '备注', prompt: '备注？', optional: true },
  ],
  submit: () => ({ say: [], writes: [] }),
}
const keys = (sheet: ReturnType<typeof stepSheet>) =>
  'fields' in sheet ? sheet.fields.map(field => field.key) : []

describe('a form on a page', () => {
  it('begins with what is asked of everybody', () => {
    expect(keys(stepSheet(form, {}, 'start'))).toEqual(['kind', 'name', 'note'])
  })

  it('comes back with what the answers make necessary, without calling it a mistake', () => {
    const sheet = stepSheet(form, { kind: '单位', name: '某厂', note: '' }, 'next')
    expect(keys(sheet)).toEqual(['kind', 'code', 'name', 'note'])
    expect(sheet).toMatchObject({ kind: 'asking', more: true, problems: new Map() })
  })

  it('names what is missing or wrong, field by field', () => {
    const sheet = stepSheet(form, { kind: '神仙', name: ' ' }, 'next')
    if (sheet.kind !== 'asking') throw new Error('it asks no more')
    expect([...sheet.problems.keys()]).toEqual(['kind', 'name'])
  })

  it('names a choice that was on the page and was not made', () => {
    const sheet = stepSheet(form, { shown: 'kind name note', name: '某厂', note: '' }, 'next')
    if (sheet.kind !== 'asking') throw new Error('it asks no more')
    expect([...sheet.problems.keys()]).toEqual(['kind'])
  })

  it('shows everything for review, and takes it only when it is confirmed', () => {
    const given = { kind: '个人', name: ' 张三 ', note: '', code: '多余的' }
    expect(keys(stepSheet(form, given, 'next'))).toEqual(['kind', 'name', 'note'])
    expect(stepSheet(form, given, 'change')).toMatchObject({ kind: 'asking' })
    expect(stepSheet(form, given, 'confirm')).toEqual({
      kind: 'confirmed',
      answers: { kind: '个人', name: '张三', note: '' },
    })
  })

  it('does not believe a confirmation of what is not complete', () => {
    expect(stepSheet(form, { kind: '个人' }, 'confirm')).toMatchObject({ kind: 'asking' })
  })
})
