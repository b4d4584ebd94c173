/** Every sentence that the public reads about requests for information. */
import type { Applicant } from './request.ts'
import type { Wish } from './wish.ts'

const applicants: Record<Applicant, string> = {
  natural_person: '个人',
  org_commercial: '商业企业',
  org_research: '科研机构',
  org_public_welfare: '社会公益组织',
  org_legal_service: '法律服务机构',
  org_other: '其他组织',
}

const byPost = '邮寄'
const byEmail = '电子邮件'

export const filingWording = {
  title: '政府信息公开申请',
  /** What people type to begin. */
  words: [
    '申请公开',
    '依申请公开',
    '信息公开申请',
    '政府信息公开申请',
    '我要申请公开',
    '申请信息公开',
    '/request',
  ],
  consent:
    '您填写的姓名、证件号码和联系方式只用于办理这件申请（个人信息保护法第十三条、《政府信息公开条例》第二十九条），加密保存，办结后按档案规定留存，到期删除；您可以查询、更正。不用说明申请的用途。中途可以去做别的事，回来接着填。阅读或者听写有困难的，拨打电话，由工作人员帮您填。',
  applicants,
  byPost,
  byEmail,
  mediums: ['电子文件', '纸质文件'],
  deliveries: [
    { id: 'chat', label: '在这里查看' },
    { id: 'email', label: byEmail },
    { id: 'post', label: byPost },
    { id: 'pick-up', label: '自己来取' },
  ],
  labels: {
    description: '需要的信息',
    applicant: '申请人类别',
    name: '姓名或名称',
    idNumber: '身份证号码',
    creditCode: '统一社会信用代码',
    contactPerson: '联系人',
    contact: '联系方式',
    medium: '形式',
    delivery: '获取方式',
    postalAddress: '邮寄地址',
    email: '电子邮箱',
  },
  prompts: {
    description:
      '您需要哪份政府信息？请写名称、文号，或者能让我们找到它的特征（时间、内容、哪个处室做的）。例如：“2025年全省失业保险基金收支情况”，或者“鲁人社发〔2024〕5号文件”。一次申请一件事，办得最快。',
    applicant: '您以什么身份申请？',
    name: '请写申请人的姓名（单位写全称）。',
    idNumber: '请写身份证号码（18位）。条例第二十九条要求申请人提供身份证明。',
    creditCode: '请写统一社会信用代码（18位）。',
    contactPerson: '请写联系人的姓名。',
    contact: '请写联系电话或者电子邮箱，方便我们联系您。',
    medium: '您希望得到哪种形式？',
    delivery: '您希望怎样得到？',
    postalAddress: '请写邮寄地址：省、市、区、街道门牌、邮编、收件人。',
    email: '请写接收答复的电子邮箱。',
  },
  problems: {
    description: '请写5到1000字，说清楚要哪一份信息。',
    name: '请写完整的姓名或名称。',
    idNumber: '这个号码不对：身份证号码有18位，最后一位是校验码。请核对后再写一次。',
    creditCode: '这个代码不对：统一社会信用代码有18位，由数字和大写字母组成。请核对后再写一次。',
    contact: '这不像电话或者电子邮箱。手机写11位，座机带区号，例如053112345678。',
    address: '请把地址写完整，要能寄到。',
    email: '这不像电子邮箱，例如 name@example.com。',
  },
  filed: (ref: string, code: string | null) =>
    `申请收到了，编号${ref}${code === null ? '' : `，查询码${code}`}。请记下来，以后凭这两样查询进度。`,
  receipt: '登记回执（PDF）',
  progress: '查询进度、补充材料',
  material: '要附身份证明、清单等材料，请在查询进度的网页（/requests）凭编号和查询码上传。',
  proved: (proof: string) => `登记回执，核验码${proof}`,
  receivedOn: (day: string, how: string) => `收到日期：${day}（${how}）`,
  dueOn: (day: string) => `答复期限：${day}`,
  after: (hotline: string) =>
    `需要补正、延长期限或者征求第三方意见的，会另外告诉您。对办理有意见，可以拨打${hotline}。`,
  onPage:
    '申请要写姓名和证件号码，这个渠道的服务器在境外，不能在这里写。请打开下面的网页填写，链接30分钟内有效，只能用一次；提交后在这里告诉您编号和进度。',
  pageLabel: '填写申请',
  noPage: (hotline: string) =>
    `申请要写姓名和证件号码，这个渠道的服务器在境外，不能在这里写。请改用本单位的网页对话，或者拨打${hotline}。`,
  /** Before filing: what the wish looks like, and where it is better served. */
  wishes: {
    petition: (hotline: string) =>
      `这看起来是投诉、举报或者信访。以信息公开申请提出的，不按申请处理（《政府信息公开条例》第三十九条第一款）。拖欠工资、不缴社保等可以向当地劳动保障监察机构举报，也可以拨打${hotline}；信访请走信访渠道。`,
    confirm: () =>
      '信息公开只提供现有的信息，不能确认、证明或者重新出具文书。要证明或者补办材料的，请到原来的经办窗口办理，当场可以办。',
    'own-record': () =>
      '查本人的参保缴费和待遇记录不用申请公开：凭身份证到社保经办机构，或者在国家社会保险公共服务平台、电子社保卡里免费查询（社会保险法第七十四条第四款）。',
    archive: () =>
      '早年的招工、安置等档案，多数已经移交档案馆或者由人事档案保管机构保管，那里可以查阅、复制；本机关的申请往往只能答复“不掌握”。',
    publication: () =>
      '公报、年鉴、报刊、书籍等公开出版物不用申请，可以在图书馆、档案馆或者政府网站看到（《政府信息公开条例》第三十九条第二款）。',
    creation: () =>
      '信息公开提供的是现有的信息，需要另外统计、汇总、分析制作的可以不提供（《政府信息公开条例》第三十八条）。写明现有的文件或者数据表的名称，更容易得到。',
    service: () => '这看起来是要办一件事。办事不用申请信息公开，在这里直接问怎么办，或者到经办窗口办理。',
    question: () => '这看起来是一个问题。政策问题可以直接在这里问，当时就有答复，不用等20个工作日。',
  } satisfies Record<Wish, (hotline: string) => string>,
  elsewhere: (organ: string) =>
    `这件事多半由${organ}掌握，向${organ}申请会更快；向本机关申请，可能答复“本机关不掌握”。`,
  /** Before filing, when something near it is there already. */
  found: '先看看这些是不是您要的，不用申请就能看到：',
  goOn: '想看其中一条，可以在对话里问；这就够了，不用再申请；还要申请，就接着填。',
} as const
