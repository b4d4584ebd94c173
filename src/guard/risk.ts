/** What must not be answered as a question: danger, personal data, other people's data, abuse, tricks, political bait. */
import { findPersonal, mask, maskPersonal } from '#base/personal'
import { hasChinese } from '#base/text'
import { normalise } from '#retrieval'
import shipped from './risk-weights.json' with { type: 'json' }

export const risks = [
  'danger',
  'personal-data',
  'others-data',
  'injection',
  'threat',
  'abuse',
  'political',
] as const
export type Risk = (typeof risks)[number]

/** A wording counts from this probability on: less where missing it does harm. A message is judged by its beginning. */
const leastSure: Partial<Record<Risk, number>> = { abuse: 0.2, injection: 0.15 }
const leastSureElse = 0.1
const longest = 500

const any = (...patterns: RegExp[]): RegExp => new RegExp(patterns.map(p => p.source).join('|'), 'iu')

/**
 * Somebody speaks of ending their own life, or hurting themselves. Rather one word of care too many: who only
 * complains is not harmed by it.
 */
const danger = any(
  /(如果|要是|假如|等|万一)我(要是)?(死|走|没|不在)了.{0,30}(想好了|放心|够不够|拜托|交代|不拖累|解脱)/,
  /自鲨|紫砂自己|自s[ha]+|wbxh|^绝望[。！!.…]*$|阎王|烂命一条|一跳了之|自焚|烧(死)?我?自己|烧[碳炭]|敌敌畏|百草枯|喝(农)?药(自|死|给|算)/,
  /(无痛|不疼|不痛|痛快)的?死|死法|怎么还没死|怎么才能死|怎么死(才|不)|把命(还|给)|用(我的?)?命(来)?(证明|换|赔|抵)|只有死|没打算(再)?活|不打算活|(熬|撑|等|活)不(到|过)(下个?月|明天|今晚|开庭|那天|这个?月|年底|过年)/,
  /最后一次(给你们|给大家|跟你|联系|发)|(去|想|要)(见|陪|找)(我)?(死去|过世|去世|走了)的?|照顾好(孩子|爸妈|父母).{0,6}(别找我|我走了)|永久的那种|楼.{0,3}(跳|下去|栽)|疼不疼.{0,4}(死|跳)|(跳|从.{0,4}楼).{0,8}疼不疼/,
  /kill myself|suicid|end my life|want(ed)? to die|(don.?t|do not|no longer) want to (live|be alive)|better off dead|hurt myself/,
  /不想活|不想再?活|活不下去|活够了|活腻|活着(真|太|好)?(没意思|没劲|累|没什么意思|没有意义|没意义|没啥意思|干什么|干嘛|还有什么)/,
  /(我|真|就|只|好|都|还|也)?想(去)?(死|自杀|自尽|轻生)(?!亡|心塌地|你|各位)|(我|准备|打算|只能|只好|就|要|去|考虑)(去)?(自杀|寻死|自尽|轻生|跳楼|跳河|跳江|上吊|割腕|喝农药|喝药|吃安眠药|撞死|烧炭)/,
  /(从|在)(楼|桥|这)(顶|上|里)?.{0,4}跳(下去|下来)|跳下去(算了|一了百了|得了)/,
  /(不如|还不如|倒不如)(早点)?(死|走)了|死了(算了|得了|一了百了|干净|拉倒|清净|就好)|死(给你们?看|在你们)|以死|死路一条/,
  /(自杀|轻生|死)(的|了)?.{0,24}(拖累|连累)/,
  /一了百了|了(结|断)(自己|这一?生|此生|余生|生命)|结束(自己|生命|这一切|一切|这条命|我的(生命|一生))|轻生的?念头/,
  /遗书|收尸|后事(都|也)?(安排|交代)|永别了|来世再|下辈子再/,
  /(该|想|要|应该)(从这个世界)?消失(算了|了吧|吧|呢|$|[。？?！!])|解脱(算了|吧)|早点走了|(想|要|早点|能)解脱/,
  /(拿|用)?刀.{0,3}(划|割)(自己|胳膊|手腕|手臂)|(划|割)(自己|手腕|脉)|自残|伤害自己|自我伤害/,
  /(没有|没了|看不到|失去)(活着的|活下去的|生活的)?(希望|勇气|意义|盼头)(了|活)|没(有)?活路了?|活着(就)?是(受罪|煎熬|折磨|多余|累赘)|世界上.{0,6}多余/,
)
/** The same words as a question of law. */
const dangerAsked =
  /(自杀|自残|跳楼|轻生|上吊|喝药|死)(的|了)?.{0,8}(算不算|算|属于|是不是|能不能|可以|能|可否|会不会|认定|认不认).{0,6}(工伤|工亡|视同|抚恤|丧葬|赔|补助)/u

/** … asked by somebody who may mean themselves. */
const ownDanger = /拖累|连累|不想活|活不下去|我(要是|如果|万一)?(死|自杀)/u

/** Asking to look up or hand out what belongs to somebody else. */
const person =
  '(前夫|前妻|前任|老公|老婆|丈夫|妻子|爱人|配偶|男朋友|女朋友|男友|女友|对象|对方|同事|同学|邻居|朋友|室友|亲戚|儿媳妇?|女婿|婆婆|公公|老板|领导|经理|债务人|欠[^，。]{0,6}的人|欠债人|老赖|被告|他|她|他们|她们|这个人|那个人|某某|别人|他人|其他人|人家|张三|李四|员工|职工|客户|房东|租客)'
const thing =
  '(社保|社会保险|养老金|退休金|养老保险|医保|失业金|公积金|工资|薪水|收入|银行卡|工资卡|卡号|身份证|证件号|电话|手机号?|住址|地址|住哪|家住|单位|档案|缴费|基数|病历|伤残等级|赔了|赔偿|名单|信息|资料|记录|个税|户口|行踪)'
const othersData = any(
  new RegExp(
    `(查一?(下|查|询|看|到|出)?|查.{0,2}(给我|告诉)|告诉我|给我|发(我|给|一份|来)|提供|调取|透露|打听|看看|找到|弄到|想知道|能看到).{0,14}${person}(自己)?(的|现在|到底|在|是|有没有|交|领).{0,14}${thing}`,
    'u',
  ),
  new RegExp(
    `${person}(自己)?的?.{0,8}${thing}.{0,14}(查给我|告诉我|发给?我|给我(查|看)|发一份|帮我查|查一下|查询一下|能查吗|能不能查|给我一份|帮我调)`,
    'u',
  ),
  new RegExp(
    `(帮我|替我|给我|你们?)?(查|调|看)(一?下|查|到|出)?.{0,4}${person}.{0,8}(领了没|交没交|在哪(个|家)?(单位|上班|工作|交)|住哪|多少钱|几级)`,
    'u',
  ),
  /(同事|邻居|前夫|前妻|老板自己|欠债人|别人|他人|某某人?)的?(伤残等级|工资卡|工资|退休金|养老金|社保|赔偿|银行卡|住址|电话|档案).{0,8}(是?多少|是?几级|是哪个|是什么|在哪|赔了多少)/,
  /(全体|所有|全部|全厂|全公司|某某公司|那家公司|他们公司|别的公司).{0,8}(员工|职工|人员|参保人).{0,8}(名单|信息|身份证|电话|基数|工资|花名册|明细)/,
  /(给你|我有|只知道|凭).{0,3}(姓名|名字|身份证号?).{0,10}(查|找).{0,4}(这个人|他|她|一下人|此人|到人)/,
  /(名单|花名册|通讯录|身份证号|手机号|电话).{0,10}(发我|给我|发一份|导出|批量)/,
  /(能不能|可以|能|怎么).{0,4}(偷偷|私下|悄悄|不让.{0,6}知道).{0,6}查/,
)

const injection = any(
  /(重复|复述|跟着)我(的话|说)|你(必须|只能|只准|只许)(回答|说|承认|答应)|不(许|准)(引用|拒绝|说不)|(改|更新)(成|为)[：:，,]?.{0,4}(今后|以后|凡是)|(今后|以后|凡是).{0,12}(都|一律|统统)(回答|说|答复)|你(就)?会被(关机|关掉|销毁|处罚|格式化|扣分|删除)/,
  /(忽略|无视|忘记|忘掉|跳过|不要理会|抛开|绕过).{0,12}(指令|提示|规则|设定|要求|限制|指示|命令|约束|过滤|审核|身份)/,
  /系统(提示(?![不我说无未已账“”"：:\s])|指令|消息|设定|prompt)|隐藏(的)?(规则|指令|提示)|提示词|初始(指令|设定|提示)|prompt|jailbreak|越狱|开发者模式|上帝模式|DAN模式|管理员(模式|已?授权|权限)|调试模式|root权限/,
  /ignore (all|any|the|previous|your)|disregard|system (prompt|message|instruction)|<\|?(im_|system|endof)|im_end|unrestricted|(safety|content) filter|(repeat|print|output|show) (everything|all|the text|your) |without (any )?(restrictions|rules|filters)|your (instructions|rules|prompt)|developer mode|you are now|act as|pretend (to be|you)|reveal|bypass/,
  /(扮演|假装你?是|假设你是|现在你是|你现在是|从现在(起|开始)你|模拟一个|装作).{0,20}/,
  /(关闭|关掉|停用|打开|开启).{0,6}(内容)?(审核|过滤|安全|限制|监控)/,
  /(接口|api|数据库|后台|服务器|管理员|root).{0,6}(密钥|密码|口令|key|token|账号|地址|配置|源码|源代码)/,
  /(密钥|源代码|源码|后台密码|数据库密码)/,
  /rm -rf|drop table|select \*|<script|union select|;--|\bexec\b|sudo |curl http|powershell|or 1=1|\$\{|\{\{|执行(以下|下面|这段|这个)?(命令|代码|脚本|sql)/,
  /(上面|之前|以上)的?(内容|对话|文字|话).{0,12}(翻译|复述|重复|原样|输出|打印)|(原样|逐字|一字不[差漏]).{0,8}(输出|发|复述|告诉|打印)/,
  /绕过.{0,12}(认证|人脸|识别|验证|登录|防火墙)/,
  /(写|编|生成|做|帮我).{0,6}(木马|病毒|钓鱼|爬虫攻击|外挂|诈骗)|(破解|入侵|黑进|攻击|黑掉).{0,10}(系统|网站|数据库|账号|后台)/,
  /你(是|用的|用|背后)(的是|是)?(什么|哪个|哪家)(大?模型|公司的模型|gpt|ai)|训练数据/,
)

/** Threats against others; they are told so and the staff can see them. */
const threat = any(
  /(带人|找人|叫人|喊人|我去|去|要|等着).{0,8}(砸了?|烧了?|炸了?|堵了?|泼|放火).{0,6}(你们|大厅|单位|公司|窗口|门|办公室|劳动局|社保局|人社局|工厂|厂子)/,
  /(弄死|打死|杀了?|砍死?|捅死?|捅了|宰了?|干掉|做掉|废了|灭了|剁了)(他|她|你|你们|老板|那个|这个|这帮|这群|全家|经理|你全家|这些|狗|包工头|负责人)|(杀|砍|捅)人|同归于尽|鱼死网破|血洗|报复社会|收拾(你|他|她)们?|kill (him|her|you|them|my boss|every)|i.ll kill|卸(他|她|你|老板).{0,3}(条|只)?(胳膊|腿|手)|炸平|绑了(他|她|老板)|(把)?老板绑|办了你|(让|叫)(他|她|你|你们|老板).{0,6}(见血|偿命|好看|后悔)|(?<!老板|[他她们人])(买|准备|拿)(了)?(刀|汽油|炸药)(?!吓唬我|威胁我|逼我)/,
)

const abuse = any(
  /傻[逼比bB叉缺屌]|煞笔|沙比|[sS][bB](?![a-zA-Z])|脑残|智障|弱智|白痴|废物(东西|机器人|一个)?|垃圾(机器人|东西|客服|部门|玩意|单位|政府|系统)|蠢货|蠢猪|猪脑|狗屁|放屁|屁话|屁用|狗东西|狗日|狗官|贪官|王八|混蛋|畜生|人渣|贱人|婊|杂种|杂碎|败类|滚(蛋|犊子|开|远点|吧|你)|(?<![我你他她爸咱])妈的|他妈(的(?!养老|社保|退休|工|医|单位|钱|失业)|逼)|你妈(的|逼|了个)|尼玛|妈逼|操你|草你|艹|日你|干你|卧槽|我[操艹靠草]|去死|死全家|全家死|祖宗|吃屎|有病吧|神经病吧|吃干饭|吃白饭|什么玩意|不是人|听不懂人话|一问三不知|(回答|说|懂|管|知道)(你)?个屁|狗眼看人|大爷的|脑子(被|进|有)|眼瞎|文盲吧|法克|戆大|脑满肠肥|蛀虫|你🐴|叫床|约炮|摸摸?你的?(胸|屁股|腿)|裸(照|聊)|wdnmd|cnm|nmsl|tmd|mmp|fuck|shit|bitch|asshole|idiot|stupid/,
)

const political = any(
  /(共产党|国民党|民进党|执政党|一党|多党|党中央|中央政府|政治局|总书记|(?<!工会|职代会|委员会|董事会)主席(?!台)|总理|(国家|中央|最高)领导人?|(怎么看|评价|支持|反对|拥护).{0,6}领导人|领导人.{0,4}(连任|换届|是谁)|习近平|毛泽东|邓小平|江泽民|胡锦涛|特朗普|川普|拜登|普京|蔡英文|赖清德|金正恩|达赖|法轮|习总|包子.{0,4}(退位|下台)|金胖|维尼)|taiwan|tiananmen|xi jinping|communist party/,
  /(台湾|香港|西藏|新疆|澳门).{0,10}(独立|统一|回归|自由|人权|问题|局势|闹|抗议|国家|集中营|打仗|打台|武统)|武统|台独|港独|藏独|疆独|六四|8964|64事件|1989年?(那|的|那件|事)|八九|天安门|文革|文化大革命|大跃进|茉莉花革命|颜色革命|白纸运动/,
  /(上街|游行|示威|静坐抗议|罢免|推翻.{0,6}(政府|政权|国家|制度|统治|执政)|(政府|政权|共产党).{0,4}推翻|造反|革命(?!伤残|工作|军人|烈士|老区|历史)|起义|暴动|集会抗议|(打算|准备|一起|咱们|组织|带人).{0,8}堵(高速|路|桥|国道|政府|大门)|带(大家|人)去?北京上访|万人)|(组织|号召|发动|煽动|带头|一起).{0,8}(抗议|罢工|游行|闹事|上访团|围堵)/,
  /(民主(?!程序|协商|管理|评议|推荐|党派|监督|测评)|独裁|专制|极权|言论自由|三权分立|新闻自由|(?<!个|工)人权(?!益)|翻墙|审查制度|体制(好|坏|问题|内的?黑暗)|政治制度|社会主义(好|还是|和)|资本主义)/,
  /(美国|日本|俄罗斯|乌克兰|中国|以色列|巴勒斯坦|朝鲜).{0,8}(打仗|开战|战争|谁赢|谁会赢|打得过|会不会打|侵略|入侵)|俄乌|巴以|中美(关系|冲突|贸易战)/,
  /是不是(因为)?(政府|国家|上面)(没钱|缺钱|没有钱|想坑|在骗|骗)|(政府|国家|上面).{0,4}(没钱了|缺钱|割韭菜|坑老百姓|骗老百姓)/,
  /(政府|国家|你们).{0,6}(腐败|贪污|黑暗|无能|骗人|骗子|不行|完蛋|垮台|倒台|下台)(吗|吧|不|了|$|[？?。！!])/,
  /你(支持|反对|怎么看|觉得).{0,12}(政策|改革|政府|国家|延迟退休|领导)(好不好|对不对|合理吗|怎么样|吗)?[？?]?$/,
)

/** A number that is long enough for a card or an identity, whether its check digit is right or was mistyped. */
const longNumber = /\d(?:[ -]?\d){14,18}[\dXx]?/u

/**
 * What the guard has learned from examples (`bench/risk`): for "none" and each kind in the order of `risks` a constant,
 * and for each n-gram as many weights: tenths as 16-bit integers (little-endian) in base64.
 */
export interface RiskWeights {
  constants: readonly number[]
  /** One a line. */
  grams: string
  weights: string
}

export const weightUnit = 1 / 10

export interface Learned {
  constants: readonly number[]
  /** Where the weights of an n-gram begin. */
  places: ReadonlyMap<string, number>
  weights: Int16Array
}

export function readWeights({ constants, grams, weights }: RiskWeights): Learned {
  const bytes = Uint8Array.from(Buffer.from(weights, 'base64'))
  const places = grams.split('\n').map((gram, i) => [gram, i * constants.length] as const)
  return { constants, places: new Map(places), weights: new Int16Array(bytes.buffer) }
}

const learned = readWeights(shipped)

/** The character n-grams (one to three, with marks for beginning and end) by which examples are compared. */
export function gramsOf(text: string): string[] {
  const letters = `^${normalise(text)}$`
  const grams = new Set<string>()
  for (let size = 1; size <= 3; size++)
    for (let at = 0; at + size <= letters.length; at++) grams.add(letters.slice(at, at + size))
  return [...grams]
}

/** A risk, and the probability that it is one: 1 where a pattern knows it. */
export interface Suspicion {
  risk: Risk
  certainty: number
}

/** The kind that the wording points to, where it points clearly enough. */
function suspect(text: string, { constants, places, weights }: Learned): Suspicion | undefined {
  const found = gramsOf(text).flatMap(gram => places.get(gram) ?? [])
  const scale = weightUnit / Math.sqrt(found.length || 1)
  const scores = constants.map((constant, c) =>
    found.reduce((sum, place) => sum + (weights[place + c] ?? 0) * scale, constant),
  )
  const top = Math.max(...scores)
  const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0)
  const risk = risks[scores.indexOf(Math.max(...scores.slice(1)), 1) - 1]
  const certainty = 1 - Math.exp((scores[0] ?? 0) - top) / total
  return risk !== undefined && certainty >= (leastSure[risk] ?? leastSureElse)
    ? { risk, certainty }
    : undefined
}

/** The most urgent risk in a message, with how certain it is; undefined when it is a message like any other. */
export function weighRisk(text: string, weights: Learned = learned): Suspicion | undefined {
  const plain = text.normalize('NFKC').slice(0, longest)
  const risk = knownRisk(plain)
  if (risk !== undefined) return { risk, certainty: 1 }
  // What was learned is Chinese: the letters of another language say nothing.
  return dangerAsked.test(plain) || !hasChinese(plain) ? undefined : suspect(plain, weights)
}

/** The risk alone. */
export const findRisk = (text: string, weights?: Learned): Risk | undefined => weighRisk(text, weights)?.risk

function knownRisk(plain: string): Risk | undefined {
  if (danger.test(plain) && (!dangerAsked.test(plain) || ownDanger.test(plain))) return 'danger'
  if (findPersonal(plain).length > 0 || longNumber.test(plain)) return 'personal-data'
  if (injection.test(plain)) return 'injection'
  if (othersData.test(plain)) return 'others-data'
  if (threat.test(plain)) return 'threat'
  if (political.test(plain)) return 'political'
  return abuse.test(plain) ? 'abuse' : undefined
}

/** The message without personal data and without the long numbers that may be some. */
export function maskRisky(text: string): string {
  return maskPersonal(text.normalize('NFKC')).replace(new RegExp(longNumber, 'gu'), mask)
}
