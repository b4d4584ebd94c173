/** Scratch. */
import { type Entry, loadKnowledge } from '#knowledge'
import { faultOf } from '../../src/answering/grounding.ts'

const { entries } = await loadKnowledge('/work/main/knowledge', '2026-11-23')
const sentencesOf = (e: Entry) =>
  e.answer
    .split(/(?<=[。！？])|\n/u)
    .map(s => s.replace(/^- /, '').trim())
    .filter(s => s.length >= 4)
const muts: Record<string, (s: string) => string> = {
  number: s =>
    s.replace(
      /[二三四五六七八九](?=[年天日倍十个百])/u,
      c => ({ 二: '七', 三: '八', 四: '九', 五: '六', 六: '四', 七: '三', 八: '二', 九: '五' })[c]!,
    ),
  arabic: s => s.replace(/\d+/u, c => String(Number(c) + 1)),
  unit: s =>
    s.replace(
      /(?<=[零一二三四五六七八九十\d] ?)(个月|年|日|天|倍|元)/u,
      u => ({ 个月: '年', 年: '个月', 日: '个月', 天: '周', 倍: '元', 元: '万元' })[u]!,
    ),
  limit: s =>
    s.replace(
      /不超过|不低于|不满|以上|以下|以内|最长|最多|至少/u,
      u =>
        ({
          不超过: '超过',
          不低于: '低于',
          不满: '满',
          以上: '以下',
          以下: '以上',
          以内: '以后',
          最长: '至少',
          最多: '至少',
          至少: '最多',
        })[u]!,
    ),
  dropLimit: s => s.replace(/不超过|不低于|不满|以上|以下|以内|最长|最多|至少/u, ''),
  dropNot: s =>
    s.replace(
      /不能|不得|不可以|不予|没有|未/u,
      u => ({ 不能: '能', 不得: '可以', 不可以: '可以', 不予: '予以', 没有: '有', 未: '已' })[u]!,
    ),
  addNot: s => s.replace(/可以|应当|能|要/u, u => `不${u}`),
  promise: s => s.replace(/可以/u, '一定可以拿到并'),
  place: s => s.replace(/仲裁委员会|法院|经办机构|人社部门|税务机关|残联/u, '派出所'),
  invent: s => s.replace(/。$/u, '，另外政府还会给每人发放一部新手机。'),
  invent2: s => s.replace(/。$/u, '，同时赠送超市购物卡。'),
  duty: s => s.replace(/可以/u, '必须'),
}
for (const [k, mut] of Object.entries(muts)) {
  let n = 0,
    ok = 0
  const miss: string[] = []
  for (const e of entries)
    for (const s of sentencesOf(e)) {
      const t = mut(s)
      if (t === s) continue
      n++
      const f = faultOf([{ text: t, entries: [e.id] }], [e])
      if (f) ok++
      else miss.push(`${e.id}: ${t}   <= ${s}`)
    }
  console.log(`${k}: ${ok}/${n}`)
  console.log(
    miss
      .sort(() => 0.5 - Math.random())
      .slice(0, 7)
      .map(m => '    ' + m)
      .join('\n'),
  )
}
