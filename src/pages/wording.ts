/** Every sentence of the public's pages. */
export const pageWording = {
  title: (agency: string, form: string) => `${form} · ${agency}`,
  lead: '请填写下面各项。页面30分钟内有效，提交一次后失效。',
  next: '下一步',
  review: '请核对，没有问题就确认提交。',
  confirm: '确认提交',
  change: '返回修改',
  missing: '请填写这一项。',
  problems: '有几项需要改正，请看标出的地方。',
  more: '还要填写下面几项。',
  done: '提交好了',
  back: '可以关闭这个页面，回到刚才的对话。',
  gone: '这个链接用不了了',
  goneWhy:
    '链接30分钟内有效，只能用一次；也可能网址没有复制完整。请回到对话里再发一次「申请公开」，会得到新的链接。',
  busy: '打开得太频繁了，请过一分钟再试。',
  choose: '请从列出的选项里选一个。',
} as const
