/** Every sentence that the gateway itself says, by language. `zh-CN` is complete; `en` stands behind the same keys. */

export const languages = ['zh-CN', 'en'] as const
export type Language = (typeof languages)[number]

export interface Agency {
  name: string
  hotline: string
}

/** What is said where a channel or a message is not as usual: abroad, in a group, without words. */
function chineseAside({ name, hotline }: Agency) {
  return {
    abroad: `这个渠道由境外公司运营，您发的内容会经过境外的服务器。涉及个人信息的事，请改用本单位的网页对话，或拨打${hotline}。`,
    abroadContact: '这个渠道的服务器在境外，不想让号码出境就请跳过。',
    groupNotice: `您好，这里是${name}的智能咨询，由程序自动答复。群里人人看得到，请不要发个人信息；发送「隐私」可看说明。`,
    privately: '这件事涉及个人信息，不能在群里办。请单独给我发消息，再说一遍。',
    late: (question: string) =>
      question ? `您刚才问的“${question}”，答复如下：` : '您刚才的消息，答复如下：',
    nothingWaits: '没有还没显示的内容了。请直接输入您的问题。',
    unread: (what: string) => `${what}我没有看，也没有保存，只看了您写的文字。`,
    attachments: {
      ...{ picture: '图片', document: '文件', voice: '语音' },
      ...{ video: '视频', location: '位置', other: '附件' },
    },
    instead: {
      picture: '我看不了图片，它也没有保存。请把问题打字发给我；请不要在这里发身份证等证件的照片。',
      document: '我读不了文件，它也没有保存。请把问题打字发给我；请不要在这里发有身份证号、银行卡号的材料。',
      voice: '我听不了语音。请打字发给我，或者用手机输入法自带的语音转文字，再把文字发过来。',
      video: '我看不了视频，它也没有保存。请把问题打字发给我。',
      location: '我用不了位置信息，它也没有保存。请把问题打字发给我。',
      other: '这种消息我看不懂，它也没有保存。请用几个字告诉我您想问什么，例如「失业金怎么领」。',
    },
  }
}

function chinese({ name, hotline }: Agency) {
  return {
    notice: (days: number) =>
      `您好，这里是${name}的智能咨询，由程序自动答复。请不要在对话里发送身份证号、银行卡号等个人信息。对话加密保存${days}天后删除，只用于答复和改进服务；发送「隐私」可看说明。`,
    privacy: (days: number) =>
      `我们只保存您发来的文字和我们的答复，不要求实名。内容加密存放，满${days}天没有新消息就删除；不用于其他目的，也不提供给他人，法律另有规定的除外。发送「我的数据」查看保存了什么，发送「删除我的数据」马上删除；更正请拨打${hotline}。`,
    ...chineseAside({ name, hotline }),
    greeting: '您好！请直接输入您想了解的社会保险、劳动关系、工资、休假或政府信息公开问题，例如：',
    examples: [
      '失业保险金怎么领取？',
      '单位不签劳动合同怎么办？',
      '工伤认定多久内申请？',
      '怎样申请政府信息公开？',
    ],
    help: `直接输入问题即可，一次问一件事最准。可以用的词：「菜单」回到开始，「人工」给工作人员留言，「返回」改上一项，「取消」退出填写，「English」切换语言。急事请拨打${hotline}。`,
    thanks: '不客气。还有问题可以继续问我。',
    labels: {
      menu: '菜单',
      human: '给工作人员留言',
      cancel: '取消',
      back: '返回上一项',
      skip: '跳过',
      confirm: '确认提交',
    },
    tooLong: (max: number) =>
      `您的消息超过了${max}字，我没法一次看完。请把最想问的一件事用几句话重新发一遍。`,
    onlyWords: '我现在只能看懂文字。请用几个字告诉我您想问什么，例如「失业金怎么领」。',
    otherLanguage: `抱歉，我只能用中文回答问题。请用中文提问，或拨打${hotline}。\nSorry, questions can only be answered in Chinese. Send “English” for an English menu, or call ${hotline}.`,
    switched: '已切换为中文。',
    choiceOver: '这个选项已经用过或者过期了。请直接输入您的问题，或者回到菜单重新选。',
    formOver: '这份填写已经结束，这个按钮不再起作用。要重新填写，请点「给工作人员留言」或者发送「人工」。',
    nothingToCancel: '现在没有正在填写的内容。请直接输入您的问题。',
    failed: `抱歉，刚才处理您的消息时出了错，已经记录下来。请换个说法再发一次，或拨打${hotline}。`,
    notStored: '系统暂时没能收下您的消息，请过一会儿再发一次；内容不会丢失在半路，收下后一定会答复。',
    stopping: '系统正在重启，请几秒钟后再发一次。',
    form: {
      started: (title: string) =>
        `好的，我们来填写「${title}」。随时可以说「返回」「取消」，也可以先「问一句」别的。`,
      cancelled: (title: string) => `已取消「${title}」，刚才填写的内容没有提交。`,
      atStart: '这已经是第一项了。',
      recap: (title: string, done: string) =>
        done ? `我们接着填「${title}」，您已填好：${done}。` : `我们接着填「${title}」。`,
      resumed: (title: string) => `现在回到「${title}」。`,
      renewed: (title: string) => `「${title}」的填写项目刚刚更新过，原来的内容无法沿用，请重新开始。`,
      review: (title: string) => `请核对「${title}」，没有问题就确认提交：`,
      correct: (label: string) => `修改${label}`,
      skipped: '（未填）',
      chooseOne: '请从下面的选项里选一个。',
      otherChoice: '刚才点的选项不是这一项的。',
      onlyConfirm: '请选择「确认提交」，或者选择要修改的项目。',
    },
    message: {
      title: '给工作人员留言',
      topicLabel: '事项',
      topicPrompt: '您的问题属于哪一类？',
      topics: ['社会保险', '劳动关系与工资', '就业与人才', '政府信息公开', '其他'],
      textLabel: '问题',
      textPrompt: '请写下您的问题，尽量说清时间、地点和想了解的事。请不要写身份证号或银行卡号。',
      textProblem: '请写5到1000字，让工作人员看得明白。',
      textPersonal: '这里面像是有身份证号或银行卡号。为了您的安全，请去掉后再发一次。',
      contactLabel: '联系方式',
      contactPrompt: '答复会发在这个对话里。也可以留一个手机号或电子邮箱，方便工作人员联系您；不留就跳过。',
      contactProblem: '这不像是手机号或电子邮箱。请重新输入，例如13800000000，或者发送「跳过」。',
      done: (number: string) =>
        `留言已收到，编号${number}。工作人员看到后会在这个对话里答复，请过些时候回来查看；急事请拨打${hotline}。`,
    },
  }
}

export type Wording = ReturnType<typeof chinese>

function englishAside({ name, hotline }: Agency): ReturnType<typeof chineseAside> {
  return {
    abroad: `This channel is run by a foreign company: what you send passes servers abroad. For personal matters use our web page or call ${hotline}.`,
    abroadContact:
      ' This channel’s servers are abroad; skip this if your number should not leave the country.',
    groupNotice: `Welcome to the automatic information service of ${name}. Everybody in the group reads along: please send nothing personal. Send “privacy” for details.`,
    privately: 'This is personal and cannot be done in a group. Please write to me in private.',
    late: question => (question ? `In answer to “${question}”:` : 'In answer to your last message:'),
    nothingWaits: 'Nothing more is waiting to be shown. Please type your question.',
    unread: what => `I did not look at the ${what} nor keep it; I read your text only.`,
    attachments: {
      ...{ picture: 'picture', document: 'file', voice: 'voice message' },
      ...{ video: 'video', location: 'location', other: 'attachment' },
    },
    instead: {
      picture:
        'I cannot read pictures. Please type your question, and send no photographs of identity cards here.',
      document:
        'I cannot read files. Please type your question, and send no papers with ID or card numbers here.',
      voice: 'I cannot listen. Please type, or use your phone’s own speech-to-text.',
      video: 'I cannot watch videos. Please type your question.',
      location: 'I cannot use locations. Please type your question.',
      other: 'I cannot read this. Please type your question.',
    },
  }
}

function english({ name, hotline }: Agency): Wording {
  return {
    notice: days =>
      `Welcome to the automatic information service of ${name}. Please do not send ID or bank card numbers here. Conversations are kept encrypted for ${days} days, then deleted. Send “privacy” for details.`,
    privacy: days =>
      `We keep only what you write and what we answer, encrypted, until ${days} days have passed without a new message. It serves no other purpose and is not passed on unless the law requires it. Send “my data” to see it and “delete my data” to delete it at once; call ${hotline} to correct it.`,
    ...englishAside({ name, hotline }),
    greeting: 'Hello! Questions are answered in Chinese; these are examples:',
    examples: [
      '失业保险金怎么领取？',
      '单位不签劳动合同怎么办？',
      '工伤认定多久内申请？',
      '怎样申请政府信息公开？',
    ],
    help: `Type a question in Chinese, one at a time. Words that work: “menu”, “human” to leave a message for the staff, “back”, “cancel”, “中文”. Urgent matters: call ${hotline}.`,
    thanks: 'You are welcome.',
    labels: {
      menu: 'Menu',
      human: 'Leave a message for the staff',
      cancel: 'Cancel',
      back: 'Back',
      skip: 'Skip',
      confirm: 'Confirm and send',
    },
    tooLong: max =>
      `Your message has more than ${max} characters. Please put one question in a few sentences.`,
    onlyWords: 'I can only read text. Please write what you would like to know.',
    otherLanguage: `Sorry, questions can only be answered in Chinese. Please ask in Chinese or call ${hotline}.`,
    switched: 'Switched to English. Answers themselves are in Chinese.',
    choiceOver: 'This choice is over. Please type your question, or go back to the menu.',
    formOver:
      'This form is finished and its buttons no longer work. To begin a new one, choose “Leave a message for the staff” or send “human”.',
    nothingToCancel: 'Nothing is being filled in. Please type your question.',
    failed: `Sorry, something went wrong with your message; it has been recorded. Please try other words or call ${hotline}.`,
    notStored: 'Your message could not be stored just now. Please send it again in a moment.',
    stopping: 'The service is restarting. Please send it again in a few seconds.',
    form: {
      started: title =>
        `Let us fill in “${title}”. You can say “back” or “cancel” at any time, or “ask …” for a question.`,
      cancelled: title => `“${title}” was cancelled; nothing has been sent.`,
      atStart: 'This is the first item.',
      recap: (title, done) =>
        done ? `We go on with “${title}”. So far: ${done}.` : `We go on with “${title}”.`,
      resumed: title => `Back to “${title}”.`,
      renewed: title => `“${title}” has changed since; please start again.`,
      review: title => `Please check “${title}” and confirm:`,
      correct: label => `Change ${label}`,
      skipped: '(none)',
      chooseOne: 'Please take one of the choices below.',
      otherChoice: 'That choice does not belong to this item.',
      onlyConfirm: 'Please confirm, or choose what to change.',
    },
    message: {
      title: 'Leave a message for the staff',
      topicLabel: 'subject',
      topicPrompt: 'What is it about?',
      topics: ['Social insurance', 'Labour and wages', 'Employment', 'Government information', 'Other'],
      textLabel: 'question',
      textPrompt: 'Please write your question. Do not write ID or bank card numbers.',
      textProblem: 'Please write 5 to 1000 characters.',
      textPersonal: 'This seems to hold an ID or bank card number. Please take it out and send it again.',
      contactLabel: 'contact',
      contactPrompt:
        'The reply comes in this conversation. You may leave a mobile number or e-mail address as well, or skip.',
      contactProblem: 'This does not look like a mobile number or e-mail address. Try again, or “skip”.',
      done: number =>
        `Your message has been received, number ${number}. The staff will answer in this conversation once they have read it; please come back later. Urgent matters: call ${hotline}.`,
    },
  }
}

/** All sentences in all languages, with the agency's names in them. */
export function createWording(agency: Agency): Record<Language, Wording> {
  return { 'zh-CN': chinese(agency), en: english(agency) }
}
