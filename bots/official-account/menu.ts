/** The menu under the conversation, published from the settings when it has changed. */
import { hash } from 'node:crypto'
import { z } from 'zod'
import type { ChannelHost } from '#channel'
import { callWith, type Tokens } from './token.ts'
import type { Api } from './transport.ts'

const cacheKey = 'menu'

const name = (most: number) =>
  z
    .string()
    .min(1)
    .refine(text => [...text].length <= most, { error: `菜单名最多${most}个字` })
const action = {
  /** What a tap asks, as if it were typed. */
  ask: z.string().min(1).max(64).optional(),
  url: z.url().max(1024).optional(),
}
const hasOne = (entry: { ask?: unknown; url?: unknown; items?: unknown }) =>
  [entry.ask, entry.url, entry.items].filter(one => one !== undefined).length === 1
const wrong = { error: '每个菜单项写 ask、url、items 其中一个' }
const item = z.strictObject({ name: name(8), ...action }).refine(hasOne, wrong)
const button = z
  .strictObject({ name: name(4), ...action, items: z.array(item).min(1).max(5).optional() })
  .refine(hasOne, wrong)

/** At most three buttons with at most five items each. */
export const menuShape = z.array(button).min(1).max(3)
type Menu = z.infer<typeof menuShape>

function format({ name, ask, url, items }: Menu[number]): unknown {
  if (items) return { name, sub_button: items.map(format) }
  return url === undefined ? { name, type: 'click', key: ask } : { name, type: 'view', url }
}

/** Throws where the menu is not one that WeChat takes, with the rule that it breaks. */
export async function publishMenu(
  menu: unknown,
  { tokens, api, host }: { tokens: Tokens; api: Api; host: ChannelHost },
): Promise<void> {
  const parsed = menuShape.safeParse(menu)
  if (!parsed.success) throw new Error(parsed.error.issues.map(issue => issue.message).join('；'))
  const body = JSON.stringify({ button: parsed.data.map(format) })
  const seal = hash('sha256', body)
  if ((await host.cache.get<string>(cacheKey)) === seal) return
  await callWith(tokens, api, { path: '/cgi-bin/menu/create', body: () => body })
  await host.cache.set(cacheKey, seal)
  host.log.info('official-account.menu.published', { buttons: parsed.data.length })
}
