/** `chat`: the terminal channel in a process of its own, on the same database as the server. */

import { newUuid } from '#base/ids'
import { createLog } from '#base/log'
import type { Channel } from '#channel'
import type { Config } from '#config'
import { openHouse } from '#house'

type TerminalFactory = (options: {
  input: NodeJS.ReadStream
  output: NodeJS.WriteStream
  chat: string
  newUuid: () => string
  onEnd(): void
}) => Channel

/** Talks until the input ends; everything typed is answered before it returns. */
export async function chat(config: Config, name: string, createTerminal: TerminalFactory): Promise<void> {
  const house = await openHouse(config, createLog(config.logLevel === 'info' ? 'error' : config.logLevel))
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
