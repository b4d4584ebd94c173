/** Every sentence around an answer, by language; the answers themselves are Chinese. */
import type { Language } from '#conversation'

interface AnswerWording {
  offered: string
  refused(hotline: string): string
  handover(hotline: string): string
  related: string
  human: string
  menu: string
}

export const answerWording: Record<Language, AnswerWording> = {
  'zh-CN': {
    offered: '您想问的是下面哪一个？都不是的话，请换个说法再问。',
    refused: hotline =>
      `这个问题我不知道，不能随便回答。请换个说法再问一次，或者给工作人员留言；也可以拨打${hotline}咨询。`,
    handover: hotline =>
      `这要看当地的规定和数据，我这里没有，不能随便说。请拨打${hotline}，或者给工作人员留言，由掌握情况的人答复您。`,
    related: '您可能还想问：',
    human: '给工作人员留言',
    menu: '菜单',
  },
  en: {
    offered: 'Did you mean one of these? If not, please use other words.',
    refused: hotline =>
      `I do not know the answer. Please use other words, leave a message for the staff, or call ${hotline}.`,
    handover: hotline =>
      `That is decided locally and I do not have it. Please call ${hotline} or leave a message for the staff.`,
    related: 'Related questions:',
    human: 'Leave a message for the staff',
    menu: 'Menu',
  },
}
