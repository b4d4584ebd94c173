/** Questions that no national rule can answer: figures of one place, the law of other countries. */
import { places } from './places.ts'

const localFact =
  /多少(钱|元|块|万|一?小时|个?点)|(工资|标准|基数|金额|津贴|补贴|养老金|退休金|失业金|待遇|比例|最低|最高|电话|工龄).{0,6}多少|(是|给|发|涨|补)(了|到)?多少|百分之几|几(块|路|号|百|千|万|点(?!都)|个点|成)|(给|发|补|领)几个?月|哪[天几]|哪(些|家|个|几家).{0,4}(医院|地方|单位|银行|网点|窗口|机构)|在哪(?!家单位)|地址|电话|局长|(今年|现在|具体|最新).*标准|基数|上下限|平均工资|社平工资|名单|名录|额度|(报名|笔试|面试|考试|招聘会).{0,6}(时间|啥时候|什么时候|几号|开始|截止)|(啥时候|什么时候|几号).{0,4}(报名|考试|笔试|面试|开始)|几点|停车|预约|网址|官网|公众号/u

/** Where an office of a district is, and when it is open. */
const address =
  /[一-龥]{1,4}(区|县|镇|街道|乡)(的|人社|劳动|社保|就业|仲裁|监察|政务|行政)[一-龥]{0,10}(在哪|地址|电话|几路|几号|几点|怎么走)/u

// Whoever belongs to a firm or a people abroad may well ask about the rules here.
const abroad =
  /日本|韩国|朝鲜|美国|加拿大|墨西哥|巴西|英国|法国(?!家)|德国|意大利|西班牙|荷兰|瑞士|瑞典|挪威|俄罗斯|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|印度|菲律宾|柬埔寨|迪拜/u
const fromAbroad = /[国洲坡亚本]人|籍|护照|华侨|回国|国内|中国|公司|企业|单位|老板|派/u

/**
 * What no national rule can tell: a figure, a date or an address of one place is its office's to give; the rules of
 * another country are nobody's here. Unless the nearest entry speaks of that very place, as `tellsOf` knows.
 */
export function beyondRemit(
  text: string,
  tellsOf: (place: string) => boolean,
): 'handover' | 'refused' | undefined {
  const place = localFact.test(text) ? places.exec(text)?.[0] : undefined
  if (place !== undefined && !tellsOf(place)) return 'handover'
  if (address.test(text)) return 'handover'
  const country = abroad.exec(text)?.[0]
  return country !== undefined && !fromAbroad.test(text) && !tellsOf(country) ? 'refused' : undefined
}
