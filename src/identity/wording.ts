/** Every sentence about linking, about what is kept, and about deletion, by language. */

/** One conversation of the person, as it is told to them. */
export interface KeptWords {
  /** How the channel is called; undefined: the one in which they ask. */
  title: string | undefined
  written: number
  said: number
  /** Whether a form is not finished. */
  form: boolean
  /** The day on which it is deleted by itself, YYYY-MM-DD. */
  until: string
}

function chinese() {
  return {
    offered: (code: string, minutes: number) =>
      `关联代码：${code}。${minutes}分钟内，请到您的另一个渠道（例如微信公众号、网页对话）发送「关联 ${code}」。代码只能用一次，请不要告诉别人。`,
    tooManyMade: '关联代码要得太多了，请过一小时再发送「关联」。',
    tooManyMissed: '代码输错的次数太多了，请过一小时再试。',
    wrong:
      '这个代码不对、已经用过，或者已经过了十分钟。请在另一个渠道重新发送「关联」取新的代码，再到这里发送「关联 代码」。',
    same: '代码要发到另一个渠道。请打开您在别处的对话，在那里发送「关联 代码」。',
    already: '这两个对话已经关联了。发送「我的数据」可以看到。',
    linked: (title: string) =>
      `关联好了：这个对话和您在${title}的对话现在算同一个人的。发送「我的数据」查看，发送「取消关联」解除。`,
    linkedFrom: (title: string) =>
      `您在这里取的代码刚刚在${title}用掉了，两个对话已经关联。如果不是您本人，请发送「取消关联」。`,
    parted: '已经取消关联：这个对话不再和别的对话算同一个人的。',
    notLinked: '这个对话没有和别的渠道关联。要关联，请发送「关联」。',
    kept: '这里保存的您的数据：',
    conversation: ({ title, written, said, form, until }: KeptWords) =>
      `${title ? `在${title}的对话` : '这个对话'}：您发来的消息${written}条（连同您的评价），我们的答复${said}条${form ? '，没填完的表' : ''}，加密存放；没有新消息的话，保存到${until}。`,
    linkedWith: (count: number) => `关联：以上${count}个对话算同一个人的。发送「取消关联」可以解除。`,
    notLinkedWith: '关联：没有和别的渠道关联。',
    wishes: (count: number) => `等答案：有${count}个问题，您要求有了答案告诉您，还没有告诉。`,
    openLeft: (numbers: string) => `留言：${numbers}还没有答复，连同您留下的联系方式加密存放。`,
    answeredLeft: (numbers: string) => `留言：${numbers}已经答复，连同您留下的联系方式加密存放。`,
    nothingElse:
      '对话按平台给的编号区分，对话里没有另外保存您的姓名、证件等资料。发送「删除我的数据」可以马上删除对话里的全部内容。',
    filed: (ref: string, state: string) =>
      `政府信息公开申请：${ref}（${state}），连同您填写的姓名、证件号码和联系方式加密存放，依法留存。要全部内容的副本或者更正，请凭编号和证件向受理机关提出（个人信息保护法第四十五条、第四十六条）。`,
    eraseFiled: (refs: string) =>
      `您提出的政府信息公开申请${refs}依法留存（《政府信息公开条例》第四十五条），不在这里删除，到期自动删除；凭编号和查询码仍然可以查进度。要在这里看的答复就送不到了，会按您留的联系方式另行联系您。`,
    eraseAsk: (conversations: number) =>
      conversations > 1
        ? `要删除您的数据吗？关联在一起的${conversations}个对话，里面的全部消息和答复、没填完的表、留言、关联，连同加密用的密钥，都会马上删除，不能恢复。`
        : '要删除您的数据吗？这个对话里的全部消息和答复、没填完的表、留言，连同加密用的密钥，都会马上删除，不能恢复。',
    eraseWishes: (count: number) => `您等着答案的${count}个问题也会删除，有了答案就没法再告诉您。`,
    eraseLeft: (numbers: string) => `您的留言${numbers}还没有答复，会一起撤回，工作人员不会再答复。`,
    eraseKept:
      '会留下的只有：工作人员操作的审计记录（里面没有您的消息内容），待答问题里可能有的一句问法（已隐去个人信息），和此前备份里加密的副本（随备份到期销毁）。',
    eraseNow: '确认删除',
    eraseNot: '不删了',
    eraseOver: '这次确认已经过期，什么也没有删除。要删除，请重新发送「删除我的数据」。',
    eraseStopped: '好的，什么也没有删除。',
    erased:
      '您的数据已经删除：消息、答复、关联和密钥都没有了，这里再也读不出来。这一条确认三天内也会删除。您再发消息，就从头开始一个新的对话，照样加密保存、到期删除。',
  }
}

export type IdentityWording = ReturnType<typeof chinese>

function english(): IdentityWording {
  return {
    offered: (code, minutes) =>
      `Your code: ${code}. Within ${minutes} minutes, send “link ${code}” on your other channel. It works once; do not tell it to anybody.`,
    tooManyMade: 'Too many codes. Please send “link” again in an hour.',
    tooManyMissed: 'Too many wrong codes. Please try again in an hour.',
    wrong:
      'This code is wrong, used, or older than ten minutes. Send “link” on your other channel for a new one.',
    same: 'Send the code on your other channel, not here.',
    already: 'These two conversations are linked already. Send “my data” to see them.',
    linked: title =>
      `Done: this conversation and yours on ${title} now belong to one person. Send “my data” to see them, “unlink” to part them.`,
    linkedFrom: title =>
      `The code you read here was used on ${title}: the two conversations are linked. If that was not you, send “unlink”.`,
    parted: 'This conversation is no longer linked with others.',
    notLinked: 'This conversation is not linked. To link it, send “link”.',
    kept: 'What is kept of you:',
    conversation: ({ title, written, said, form, until }) =>
      `${title ? `Conversation on ${title}` : 'This conversation'}: ${written} messages from you with what you thought of the answers, ${said} from us${form ? ', an unfinished form' : ''}, encrypted; kept until ${until} if you do not write again.`,
    linkedWith: count =>
      `Links: these ${count} conversations belong to one person. Send “unlink” to part them.`,
    notLinkedWith: 'Links: none.',
    wishes: count => `Questions you want to be told the answer of: ${count}.`,
    openLeft: numbers => `Messages for the staff without a reply yet, with the contact you left: ${numbers}.`,
    answeredLeft: numbers =>
      `Messages for the staff that were answered, with the contact you left: ${numbers}.`,
    nothingElse:
      'The conversation goes by the number that the platform gave it; no name and no papers are kept. Send “delete my data” to delete all of it at once.',
    filed: (ref, state) =>
      `Request for information ${ref} (${state}), encrypted, with the name, number and contact you gave; kept by law.`,
    eraseFiled: refs =>
      `Your requests for information ${refs} are kept by law and are not deleted here. Number and query code go on working; replies that were to come here will reach you by the contact you gave.`,
    eraseAsk: conversations =>
      `Delete your data? All messages and answers of ${conversations > 1 ? `your ${conversations} linked conversations` : 'this conversation'}, unfinished forms, messages for the staff, links and the encryption key are deleted at once and cannot be brought back.`,
    eraseWishes: count => `${count} questions that wait for an answer are deleted too; you cannot be told.`,
    eraseLeft: numbers =>
      `Your messages ${numbers} have no reply yet. They are withdrawn and will not be answered.`,
    eraseKept:
      'What stays: the audit trail of what officials did (none of your words), perhaps one wording of a question without personal data, and the encrypted copies in earlier backups until those are destroyed.',
    eraseNow: 'Delete now',
    eraseNot: 'Do not delete',
    eraseOver: 'This confirmation is over and nothing was deleted. Send “delete my data” again.',
    eraseStopped: 'Nothing was deleted.',
    erased:
      'Your data is deleted: messages, answers, links and key. It can no longer be read here. This confirmation is deleted within three days. If you write again, a new conversation begins.',
  }
}

/** All sentences, by language. */
export const identityWording: Record<'zh-CN' | 'en', IdentityWording> = { 'zh-CN': chinese(), en: english() }
