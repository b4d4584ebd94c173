/** `chat`: the terminal channel in a process of its own, on the same database as the server. */

import { newUuid } from '#base/ids'
import { createLog } from '#base/log'
import { bots } from '#bots'
import type { Config } from '#config'
import { openHouse } from '#house'

/** Talks until the input ends; everything typed is answered before it returns. */
export async function chat(config: Config, name: string): Promise<void> {
  const house = await openHouse(config, createLog(config.logLevel === 'info' ? 'error' : config.logLevel))
  const createTerminal = await bots.terminal()
  const ended = Promise.withResolvers<void>()
  process.once('SIGINT', () => ended.resolve())
  process.once('SIGTERM', () => ended.resolve())
  if (process.stdin.isTTY) process.stderr.write(`${config.agency.name}：请输入问题，按 Ctrl+D 结束。\n\n`)
  const { stdin: input, stdout: output } = process
  await house.open(createTerminal({ input, output, chat: name, newUuid, onEnd: () => ended.resolve() }))
  await house.startWork()
  await ended.promise
  await house.close()
}
