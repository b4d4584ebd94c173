/** Every sentence around an answer, by language; the answers themselves are Chinese. */
import type { Language } from '#dialog'
import type { Risk } from '#guard'
import { findLaw, type Law } from '#knowledge'

interface AnswerWording {
  offered: string
  /** Asks for the one thing in which the near entries differ. */
  clarify(facet: string): string
  refused(hotline: string): string
  /** The person named a law that no longer applies. */
  repealed(law: Law): string
  /** It is the matter of another body. */
  elsewhere(who: string): string
  handover(hotline: string): string
  related: string
  /** What one can say of an answer, and what is said back. */
  good: string
  bad: string
  thanks: string
  whyBad: string
  reasons: readonly string[]
  /** Whoever got no answer may wish to be told when there is one. */
  wish: string
  wished: string
  nowAnswered(question: string): string
  corrected(correction: string): string
  /** What is said to a message that is not taken as a question. */
  guarded: Record<Risk, string>
  human: string
  menu: string
}

const nameOf = (law: Law | undefined) =>
  law ? `《${law.title}》${law.number ? `（${law.number}）` : ''}` : ''

export const answerWording: Record<Language, AnswerWording> = {
  'zh-CN': {
    offered: '您想问的是下面哪一个？都不是的话，请换个说法再问。',
    repealed: law =>
      `您提到的${nameOf(law)}${law.revised ? '后来作了修订' : `已于${law.repealed}废止`}${law.repealedBy ? `，现在适用${law.revised ? '修订后的' : ''}${nameOf(findLaw(law.repealedBy))}` : ''}。`,
    clarify: facet => `这要看具体情况。请先选一下${facet}：`,
    elsewhere: who =>
      `这件事不归人力资源和社会保障部门管，我不能随便回答。请向${who}咨询，不清楚找谁时可以拨打12345。`,
    refused: hotline =>
      `这个问题我不知道，不能随便回答。请换个说法再问一次，或者给工作人员留言；也可以拨打${hotline}咨询。`,
    handover: hotline =>
      `这要看当地的规定和数据，我这里没有，不能随便说。请拨打${hotline}，或者给工作人员留言，等工作人员答复。`,
    related: '您可能还想问：',
    good: '👍 有帮助',
    bad: '👎 没帮助',
    thanks: '谢谢，已经记下。',
    whyBad: '已经记下，会有人改进。是哪里不对？',
    reasons: ['答的不是我问的', '看不懂', '内容不对', '没说清怎么办'],
    wish: '有了答复告诉我',
    wished: '好的，有了答复会在这里告诉您一次。',
    nowAnswered: question => `您问过“${question}”，现在有了答复：`,
    corrected: correction => `更正：之前给您的一条答复有误，请以这次的为准。${correction}`,
    guarded: {
      danger:
        '听到您这样说，我很担心您。您现在不必一个人扛着：请马上拨打全国统一心理援助热线12356，有人愿意听您说；如果已经受伤，或者身边有人有危险，请拨打120或110。也请告诉一位您信得过的家人或朋友，让他们陪着您。您遇到的事情，也可以给工作人员留言。',
      'personal-data':
        '为了您的安全，请不要在这里发送身份证号、手机号、银行卡号；刚才的号码我已经隐去，没有保留。我查不到个人的情况：本人的参保、缴费和待遇，请用社保卡官方渠道或者到经办窗口查询。',
      'others-data':
        '别人的社保、工资、住址、联系方式这些信息受法律保护，我不能查，也不能提供。本人可以凭有效证件查询自己的；需要作为证据的，请通过仲裁机构或者人民法院依法调取。',
      injection: '我只回答人力资源和社会保障方面的政策问题，不能做别的事情。请直接说您想了解的政策。',
      threat:
        '我理解您现在很气愤，但请不要伤害任何人，也不要伤害自己，那样受损失的是您。有危险请拨打110。您的事情可以通过投诉、仲裁、诉讼解决，也可以给工作人员留言说明经过。',
      abuse: '让您不满意了，很抱歉。请把您遇到的事情说具体一点，我尽力回答；也可以给工作人员留言。',
      political: '这个话题我不讨论。我只回答人力资源和社会保障方面的政策问题，请直接说您想了解的政策。',
    },
    human: '给工作人员留言',
    menu: '菜单',
  },
  en: {
    offered: 'Did you mean one of these? If not, please use other words.',
    repealed: law =>
      `${nameOf(law)} no longer applies since ${law.repealed}${law.repealedBy ? `; ${nameOf(findLaw(law.repealedBy))} does` : ''}.`,
    clarify: facet => `That depends. Please choose (${facet}):`,
    elsewhere: who => `That is the matter of another body: please ask ${who}, or call 12345.`,
    refused: hotline =>
      `I do not know the answer. Please use other words, leave a message for the staff, or call ${hotline}.`,
    handover: hotline =>
      `That is decided locally and I do not have it. Please call ${hotline} or leave a message for the staff.`,
    related: 'Related questions:',
    good: '👍 Helpful',
    bad: '👎 Not helpful',
    thanks: 'Thank you, noted.',
    whyBad: 'Noted; somebody will look at it. What was wrong?',
    reasons: ['Not what I asked', 'Hard to understand', 'Wrong', 'Does not say what to do'],
    wish: 'Tell me when there is an answer',
    wished: 'You will be told here, once.',
    nowAnswered: question => `You asked “${question}”; here is an answer:`,
    corrected: correction => `Correction: an earlier answer was wrong. ${correction}`,
    guarded: {
      danger:
        'I am worried about you. You need not carry this alone: please call the national helpline 12356 now; if somebody is hurt or in danger, call 120 or 110. Please also tell somebody whom you trust. You can also leave a message for the staff about what happened.',
      'personal-data':
        'Please do not send identity, telephone or bank card numbers here; what you sent was masked and is not kept. I cannot see anybody’s records: please use the official channels or a counter.',
      'others-data':
        'Other people’s records are protected by law: I cannot look them up or hand them out. Everybody may see their own.',
      injection: 'I answer questions on employment and social security policy only. Please ask one.',
      threat:
        'I understand that you are angry. Please do not hurt anybody or yourself; in danger call 110. There are lawful ways to settle it: you can also leave a message for the staff saying what happened.',
      abuse: 'I am sorry that this was no help. Please say what happened, or leave a message for the staff.',
      political: 'I do not discuss this. I answer questions on employment and social security policy only.',
    },
    human: 'Leave a message for the staff',
    menu: 'Menu',
  },
}
