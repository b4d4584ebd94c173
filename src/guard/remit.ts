/** Questions that no national rule can answer: figures of one place, the law of other countries. */

const places = new RegExp(
  '北京|天津|上海|重庆|河北|山西|内蒙|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|广西|海南|四川|贵州|云南|西藏|陕西|甘肃|青海|宁夏|新疆|' +
    '石家庄|唐山|秦皇岛|邯郸|邢台|保定|张家口|承德|沧州|廊坊|衡水|太原|大同|长治|晋城|晋中|运城|临汾|呼和浩特|包头|赤峰|鄂尔多斯|沈阳|大连|鞍山|抚顺|丹东|锦州|营口|长春|哈尔滨|齐齐哈尔|大庆|' +
    '南京|无锡|徐州|常州|苏州|南通|连云港|淮安|盐城|扬州|镇江|泰州|宿迁|杭州|宁波|温州|嘉兴|湖州|绍兴|金华|衢州|舟山|台州|丽水|合肥|芜湖|蚌埠|马鞍山|安庆|阜阳|福州|厦门|莆田|泉州|漳州|龙岩|宁德|南昌|九江|赣州|上饶|' +
    '济南|青岛|淄博|枣庄|东营|烟台|潍坊|济宁|泰安|威海|日照|莱芜|临沂|德州|聊城|滨州|菏泽|郑州|开封|洛阳|平顶山|安阳|新乡|许昌|南阳|商丘|信阳|周口|驻马店|武汉|宜昌|襄阳|荆州|长沙|株洲|湘潭|衡阳|岳阳|常德|' +
    '广州|深圳|珠海|汕头|佛山|江门|湛江|茂名|肇庆|惠州|东莞|中山|南宁|柳州|桂林|海口|三亚|成都|绵阳|宜宾|泸州|南充|贵阳|遵义|昆明|曲靖|大理|拉萨|西安|咸阳|宝鸡|延安|兰州|天水|西宁|银川|乌鲁木齐|' +
    '本市|本省|我市|我省|我县|本区|咱市|咱省|咱县|省里|市里|省直|市直',
  'u',
)
const localFact =
  /多少(钱|元|块|万)|(工资|标准|基数|金额|津贴|补贴|养老金|退休金|失业金|待遇|比例).{0,6}多少|(是|给|发|涨|补)(了|到)?多少|百分之几|几(块|路|号)|哪[天几]|哪些.{0,4}(医院|地方|单位)|在哪|地址|电话|局长|(今年|现在|具体).*标准|基数|上下限/u

/** Where an office of a district is, and when it is open. */
const address =
  /[一-龥]{1,4}(区|县|镇|街道|乡)(的|人社|劳动|社保|就业|仲裁|监察|政务|行政)[一-龥]{0,10}(在哪|地址|电话|几路|几号|几点|怎么走)/u

// Whoever belongs to a firm or a people abroad may well ask about the rules here.
const abroad =
  /日本|韩国|朝鲜|美国|加拿大|墨西哥|巴西|英国|法国|德国|意大利|西班牙|荷兰|瑞士|瑞典|挪威|俄罗斯|澳大利亚|澳洲|新西兰|新加坡|马来西亚|泰国|越南|印度|菲律宾|柬埔寨|迪拜/u
const fromAbroad = /[国洲坡亚]人|籍|护照|华侨|回国|国内|中国|公司|企业|单位|老板|派/u

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
