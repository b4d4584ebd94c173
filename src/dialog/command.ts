/** The words that are commands of the gateway, in a form and outside. */

/** What people type for the commands of the gateway, compared after trimming and lower-casing. */
export const commandWords = {
  cancel: ['取消', '退出', '不填了', '算了', 'cancel', 'quit', '/cancel'],
  back: ['返回', '上一步', '上一项', '后退', 'back', '/back'],
  menu: ['菜单', '主菜单', '首页', '开始', 'menu', '/start', '/menu'],
  help: ['帮助', '怎么用', '使用说明', 'help', '/help', '?', '？'],
  human: ['人工', '转人工', '人工服务', '找人工', '留言', '我要留言', '工作人员', 'human', 'agent', '/human'],
  privacy: ['隐私', '隐私说明', '个人信息', 'privacy', '/privacy'],
  more: ['继续', '更多', '下一页', '接着说', 'more', 'continue'],
  skip: ['跳过', '不填', '没有', '无', 'skip'],
  english: ['english', '英文', '/english'],
  chinese: ['中文', 'chinese', '/chinese'],
  greeting: ['你好', '您好', '在吗', '在不在', '有人吗', 'hi', 'hello', '早上好', '下午好', '晚上好', '嗨'],
  thanks: [
    '谢谢',
    '谢谢你',
    '谢谢您',
    '多谢',
    '感谢',
    '好的',
    '好的谢谢',
    '知道了',
    '明白了',
    'ok',
    'thanks',
    'thank you',
  ],
} as const
export type Command = keyof typeof commandWords

/** The prefix that asks a question in the middle of a form whatever the field expects. */
export const asidePrefix = /^(?:问一句|问一下|请问一句|ask)[\s,，:：]*/i

const commandOf = new Map<string, Command>(
  Object.entries(commandWords).flatMap(([command, words]) =>
    words.map(word => [word, command as Command] as const),
  ),
)

/** The command that a text is, if it is one and nothing else. */
export function parseCommand(text: string): Command | undefined {
  const bare = text.normalize('NFKC').trim().toLowerCase()
  return commandOf.get(bare) ?? commandOf.get(bare.replace(/[。.!！~～,，]+$/u, ''))
}
