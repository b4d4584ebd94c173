/** What people type about their own data and their other channels, word for word or as it is said in passing. */

/** What people type, compared after trimming and lower-casing. */
export const ownCommandWords = {
  link: ['关联', '关联渠道', '关联账号', '绑定', 'link', '/link'],
  unlink: ['取消关联', '解除关联', '取消绑定', '解绑', 'unlink', '/unlink'],
  data: [
    '我的数据',
    '我的记录',
    '我的资料',
    '查看我的数据',
    '导出我的数据',
    '导出我的记录',
    'my data',
    'export my data',
    '/mydata',
  ],
  erase: ['删除我的数据', '删除我的记录', '确认删除', 'delete my data', 'delete now', '/deletemydata'],
} as const
export type OwnCommand = keyof typeof ownCommandWords

const please = '(?:请|麻烦|帮我|你们?|能不能|可以|可不可以|我想|我要|想|要)*'
const mine =
  '(?:我|本人)的?(?:所有的?|全部的?)?(?:个人)?(?:数据|记录|信息|资料|聊天记录|对话记录|咨询记录|对话)'
const away = '(?:删除|删掉|删了|删|清除|清空|清掉|抹掉)(?:了|掉)?'
/** How the commands that the law gives everybody are said in passing; whole messages, never parts of a question. */
const spoken: readonly (readonly [RegExp, OwnCommand])[] = [
  [new RegExp(`^${please}把?${mine}(?:都|全部?|统统)*(?:给我|帮我)?${away}(?:吧|一下|好吗|吗)?$`), 'erase'],
  [new RegExp(`^${please}${away}(?:一下)?(?:所有的?|全部)?${mine}(?:吧|好吗|吗)?$`), 'erase'],
  [
    /^(?:你们?|这里|系统)?(?:都|还)?(?:保存|保留|收集|存|留)了?我的?(?:哪些|什么|多少)(?:个人)?(?:数据|信息|记录|资料|东西)?$/,
    'data',
  ],
  [
    /^(?:please )?(?:delete|erase|remove) (?:all )?(?:of )?my (?:data|records?|messages|conversation)$/,
    'erase',
  ],
]

const commandOf = new Map<string, OwnCommand>(
  Object.entries(ownCommandWords).flatMap(([command, words]) =>
    words.map(word => [word, command as OwnCommand] as const),
  ),
)

/** The command about one's own data that a text is, if it is one and nothing else. */
export function parseOwnCommand(text: string): OwnCommand | undefined {
  const typed = text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[。.!！?？~～,，]+$/u, '')
  if (typed.length > 40) return undefined
  return commandOf.get(typed) ?? spoken.find(([pattern]) => pattern.test(typed))?.[1]
}
