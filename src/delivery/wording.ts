/** The few sentences that the outbox itself says: what is still to come, where a platform takes only an answer. */
export const wording = {
  /** Under the first part, when the rest has to wait for the next message. */
  more: '（还有内容没有显示，请回复“继续”查看）',
  /** The answer is not there when the platform asks for the last time. */
  delayed: '正在为您查找答复，请稍后回复“继续”查看。',
} as const
