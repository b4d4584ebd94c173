/** What officials should look at in their entries: what nobody can find, what is there twice, what is getting old. */
import { comparable, createRanker, likenessOf, type Ranker } from '#retrieval'
import type { Entry, FieldPath } from './entry.ts'
import { findSuperseded } from './folder.ts'

export interface Remark {
  entry: string
  owner: string | null
  /** What is wrong, and what to do. */
  problem: string
  /** The field it is about, where it is about one. */
  at?: FieldPath
  /** Whether citizens do not get the entry because of it. */
  blocking: boolean
}

const dayMs = 24 * 60 * 60_000
const soonDays = 60
const reviewDays = 365
/** So like (0–1) to another entry's wordings are the title, or some of the questions, of one that says the same. */
const twinLikeness = 0.75
const twinQuestions = 3

/** Reviews well-formed entries together, local rules too; `today` is a legal date. What has expired is told elsewhere. */
export function reviewEntries(entries: readonly Entry[], today: string): Remark[] {
  const superseded = findSuperseded(entries)
  const asked = entries.filter(entry => entry.extends === null && !superseded.has(entry.id))
  return [
    ...reviewWordings(asked),
    ...reviewNearness(asked),
    ...reviewReferences(entries, superseded),
    ...entries.flatMap(entry => reviewDates(entry, today)),
  ]
}

const remark = ({ id, owner }: Entry, problem: string, blocking = false): Remark => {
  return { entry: id, owner, problem, blocking }
}
const remarkAt = (at: FieldPath, ...said: Parameters<typeof remark>): Remark => ({ ...remark(...said), at })

const daysBetween = (from: string, to: string) => Math.round((Date.parse(to) - Date.parse(from)) / dayMs)

function reviewDates(entry: Entry, today: string): Remark[] {
  const { owner, reviewed, expires } = entry
  const found: Remark[] = []
  const left = expires === null ? soonDays + 1 : daysBetween(today, expires)
  if (left >= 0 && left <= soonDays)
    found.push(
      remarkAt(
        ['expires'],
        entry,
        `还有${left}天失效（${expires}）：请更新内容和 expires，或准备代替它的条目`,
      ),
    )
  if (owner === null) found.push(remark(entry, '没有负责处室：请写上 owner'))
  if (reviewed === null) found.push(remark(entry, '没有审核日期：请核对内容后写上 reviewed'))
  else if (daysBetween(reviewed, today) > reviewDays)
    found.push(
      remarkAt(['reviewed'], entry, `上次审核是 ${reviewed}，超过一年：请重新核对内容，再更新 reviewed`),
    )
  return found
}

/** What entries say of each other. */
function reviewReferences(entries: readonly Entry[], superseded: ReadonlyMap<string, string>): Remark[] {
  const ids = new Set(entries.map(entry => entry.id))
  return entries.flatMap(entry => {
    const { id, extends: base, region, related } = entry
    const found: Remark[] = []
    const other = superseded.get(id)
    if (other !== undefined) found.push(remark(entry, `已由条目 ${other} 代替，不再用于答复：请停用它`))
    if (base !== null && !ids.has(base))
      found.push(
        remarkAt(['extends'], entry, `它补充的条目 ${base} 不存在，显示不出来：请核对 extends`, true),
      )
    if (base !== null && region === null)
      found.push(
        remarkAt(['extends'], entry, '地方补充没有写地区，显示不出来：请写上 region，例如 370000', true),
      )
    const absent = related.filter(one => !ids.has(one))
    if (absent.length > 0)
      found.push(
        remarkAt(
          ['related', related.indexOf(absent[0] ?? '')],
          entry,
          `相关条目 ${absent.join('、')} 不存在：请从 related 里删去`,
        ),
      )
    return found
  })
}

/** The same words in two entries: whoever types them gets both to choose from, and by its title an entry must be found. */
function reviewWordings(entries: readonly Entry[]): Remark[] {
  const wordings = [
    ...entries.map(entry => ({ entry, wording: entry.title, kind: '标题' })),
    ...entries.flatMap(entry => entry.questions.map(wording => ({ entry, wording, kind: '问法' }))),
  ]
  const holders = new Map<string, { entry: Entry; kind: string }>()
  return wordings.flatMap(({ entry, wording, kind }) => {
    const key = comparable(wording)
    const holder = holders.get(key)
    if (!holder) holders.set(key, { entry, kind })
    if (!holder || holder.entry === entry) return []
    const problem = `${kind}“${wording}”与 ${holder.entry.id} 的${holder.kind}相同，问这一句时只能请群众自己选：请改写，或合并两条`
    return [remark(entry, problem, holder.kind === '标题')]
  })
}

function reviewNearness(entries: readonly Entry[]): Remark[] {
  const ranker = createRanker(entries)
  const pairs = new Set<string>()
  return entries.flatMap((entry, index) => {
    const { found, twins } = compare({ entry, index }, entries, ranker)
    for (const twin of twins) {
      const pair = [entry.id, twin.id].sort().join(' ')
      if (!pairs.has(pair))
        found.push(remark(entry, `与 ${twin.id}“${twin.title}”几乎相同：请合并，或写清两条的区别`))
      pairs.add(pair)
    }
    return found
  })
}

/** Asks an entry's own wordings: others that come before it, and others that are as good as the same. */
function compare({ entry, index }: { entry: Entry; index: number }, all: readonly Entry[], ranker: Ranker) {
  const found: Remark[] = []
  const likes = new Map<Entry, number>()
  for (const wording of [entry.title, ...entry.questions]) {
    const { ranked } = ranker.rank(wording, 4)
    const isTitle = wording === entry.title
    const best = all[ranked[0]?.index ?? index] ?? entry
    for (const near of ranked) {
      const other = all[near.index]
      if (!other || near.index === index) continue
      if (near.wording < twinLikeness && !(isTitle && isLike(wording, other))) continue
      if (has(other, wording)) continue
      likes.set(other, (likes.get(other) ?? 0) + (isTitle ? twinQuestions : 1))
    }
    if (best === entry || has(best, wording)) continue
    const problem = isTitle
      ? `按标题找到的是 ${best.id}“${best.title}”：请把标题写得更具体`
      : `问法“${wording}”更像 ${best.id}，换个说法就会答成那一条：请改写，或移到那一条`
    found.push(remark(entry, problem, isTitle))
  }
  const twins = [...likes].filter(([, count]) => count >= twinQuestions).map(([other]) => other)
  return { found, twins }
}

/** In a small collection common words weigh little in the ranking: there the letters alone tell what is alike. */
function isLike(wording: string, { title, questions }: Entry): boolean {
  return [title, ...questions].some(own => likenessOf(wording, own) >= twinLikeness)
}

/** Whether these are the words of an entry: then they are told already. */
function has({ title, questions }: Entry, wording: string): boolean {
  const key = comparable(wording)
  return [title, ...questions].some(own => comparable(own) === key)
}
