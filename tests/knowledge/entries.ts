/** Small entries for tests, and a folder of files to load. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Entry } from '#knowledge'

export function entryOf(id: string, title: string, rest: Partial<Entry> = {}): Entry {
  return {
    id,
    title,
    questions: [],
    not: [],
    topic: null,
    sources: [],
    owner: null,
    reviewed: null,
    effective: null,
    expires: null,
    supersedes: [],
    region: null,
    extends: null,
    related: [],
    facets: [],
    answer: `${title}请看下面的说明。`,
    ...rest,
  }
}

export const someEntries: Entry[] = [
  entryOf('unemployment-conditions', '领取失业保险金要符合哪些条件？', {
    questions: ['失业金怎么领', '被公司辞退了能领失业金吗', '失业金 领取条件'],
    not: ['失业金能领几个月'],
    answer: '非因本人意愿中断就业、缴费满一年并已办理失业登记的，可以领取失业保险金。',
  }),
  entryOf('unemployment-duration', '失业保险金最长可以领多少个月？', {
    questions: ['失业金领多久', '交了五年失业保险可以领几个月'],
    answer: '领取期限按累计缴费时间计算，最长二十四个月。',
  }),
  entryOf('annual-leave-days', '职工每年有多少天带薪年休假？', {
    questions: ['年假几天', '工作三年有几天年休假', '刚入职有年假吗'],
    answer: '累计工作满一年不满十年的五天，满十年不满二十年的十天，满二十年的十五天。',
  }),
  entryOf('overtime-pay', '加班费按什么标准计算？', {
    questions: ['周末加班给几倍工资', '国庆加班三倍', '加班费怎么算'],
    answer: '工作日延长工时不低于百分之一百五十，休息日不低于百分之二百，法定休假日不低于百分之三百。',
  }),
]

/** Writes the files into a new folder that is removed when the test ends, and gives its path. */
export async function folderOf(files: Record<string, string>): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'gongkai-knowledge-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), text)
  }
  return dir
}
