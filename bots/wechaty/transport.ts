/** The only code that touches wechaty; it opens the puppet, listens to it, and speaks through it. */
import type { Told } from './decode.ts'
import type { Part } from './encode.ts'
import { type Bot, type BuildOptions, loadWechaty, type Puppet } from './packages.ts'

export interface PuppetOptions {
  /** The npm name of a puppet (wechaty-puppet-service), or one that is made already. */
  puppet: string | Puppet
  token?: string | undefined
  /** host:port of the puppet service, where it is not found by its token. */
  endpoint?: string | undefined
  /** The file, without its ending, in which the puppet keeps its login. Absent: a scan at each start. */
  memory?: string | undefined
}

/** What is heard of the puppet. None of these may throw. */
export interface Ears {
  scan(code: string): void
  login(): void
  logout(reason: string): void
  message(id: string): void
  /** Our account was taken out of a room. */
  removed(room: string): void
  /** A contact asks for a friend's request anew: they have deleted us. */
  deleted(contact: string): void
  error(words: string): void
  /** Any sign of life. */
  alive(): void
  /** An answer to `ding`, or a heartbeat: from then on its absence means something. */
  pulse(): void
}

export interface Phone {
  start(): Promise<void>
  stop(): Promise<void>
  isLoggedIn(): boolean
  /** Asks the puppet whether it lives: `pulse` is heard if it does, with most puppets. */
  ding(): void
  /** Undefined: the puppet does not know the message (yet). */
  find(messageId: string): Promise<Told | undefined>
  /** Resolves with the platform's id of the message, where the puppet tells it. */
  say(chat: string, part: Part): Promise<string | undefined>
}

const verification = 3

/** The words of whatever a puppet throws or reports. */
export function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message
  if (typeof error === 'string') return error
  const { gerror, data, message } = (error ?? {}) as Record<string, unknown>
  return String(gerror ?? data ?? message ?? error)
}

/** What was thrown or reported, in its words; without the token, which the puppet service repeats when it is wrong. */
const faultOf = (error: unknown, { token }: PuppetOptions) =>
  new Error(token ? wordsOf(error).replaceAll(token, '***') : wordsOf(error))

/** Rejects with an Error whose words may be logged. */
export async function openPhone(options: PuppetOptions, ears: Ears): Promise<Phone> {
  const rethrow = (error: unknown) => {
    throw faultOf(error, options)
  }
  const phone = await open(options, {
    ...ears,
    error: words => ears.error(faultOf(words, options).message),
  }).catch(rethrow)
  return {
    ...phone,
    start: () => phone.start().catch(rethrow),
    stop: () => phone.stop().catch(rethrow),
    say: (chat, part) => phone.say(chat, part).catch(rethrow),
  }
}

async function open(options: PuppetOptions, ears: Ears): Promise<Phone> {
  const { log, WechatyBuilder, FileBox } = loadWechaty()
  // It prints to the console, and at some levels what citizens wrote, and the token.
  log.level('silent')
  const bot = WechatyBuilder.build(buildOptions(options))
  // Without a listener an error event would end the process.
  bot.on('error', error => ears.error(wordsOf(error)))
  await bot.init()
  const { puppet } = bot
  keepNothing(puppet)
  listen(puppet, ears)
  tidyWhenStopped(puppet)

  return {
    start: () => bot.start(),
    stop: () => bot.stop(),
    isLoggedIn: () => puppet.isLoggedIn,
    ding: () => puppet.ding('gongkai'),
    find: id => find(bot, id),
    async say(chat, part) {
      const sent =
        part.kind === 'text'
          ? await puppet.messageSendText(chat, part.text)
          : await puppet.messageSendFile(chat, FileBox.fromBase64(part.data, part.name))
      return sent || undefined
    },
  }
}

function buildOptions({ puppet, token, endpoint, memory }: PuppetOptions): BuildOptions {
  const puppetOptions = { ...(token && { token }), ...(endpoint && { endpoint }) }
  return {
    puppet,
    ...(memory && { name: memory }),
    ...(typeof puppet === 'string' && { puppetOptions }),
  }
}

/**
 * Listens at the puppet itself: what wechaty makes of its events is lost where it cannot look up who it is about.
 * Nothing here is asynchronous, or it has its own catch: a handler that throws would end the process.
 */
function listen(puppet: Puppet, ears: Ears): void {
  puppet.on('scan', ({ qrcode }) => {
    ears.alive()
    if (qrcode) ears.scan(qrcode)
  })
  puppet.on('login', () => {
    ears.alive()
    ears.login()
  })
  puppet.on('logout', ({ data }) => ears.logout(data ?? ''))
  puppet.on('message', ({ messageId }) => {
    ears.alive()
    ears.message(messageId)
  })
  puppet.on('room-leave', ({ roomId, removeeIdList }) => {
    if (puppet.isLoggedIn && removeeIdList.includes(puppet.currentUserId)) ears.removed(roomId)
  })
  puppet.on('friendship', ({ friendshipId }) => {
    puppet.friendshipPayload(friendshipId).then(
      ({ type, contactId }) => type === verification && ears.deleted(contactId),
      error => ears.error(wordsOf(error)),
    )
  })
  puppet.on('heartbeat', () => ears.pulse())
  puppet.on('dong', () => ears.pulse())
}

/**
 * The puppet service writes the names of all contacts into the home folder, in a database whose faults (a folder that
 * is not writable, a second login before the first one is closed) end the process. It does without.
 */
function keepNothing(puppet: Puppet): void {
  const { _payloadStore } = puppet as unknown as { _payloadStore?: { start(account: string): Promise<void> } }
  if (_payloadStore) _payloadStore.start = async () => {}
}

/**
 * wechaty adds listeners at each start of a puppet and takes other ones off at its stop, so that they heap up with
 * every reconnection; what the start has added goes when it stops.
 */
function tidyWhenStopped(puppet: Puppet): void {
  const { __watchdog } = puppet as unknown as {
    __watchdog?: { watchdog?: { removeAllListeners(name: string): void } }
  }
  const lasting = new Set<unknown>()
  puppet.on('stop', () => {
    for (const name of puppet.eventNames())
      for (const listener of puppet.rawListeners(name)) if (!lasting.has(listener)) puppet.off(name, listener)
    __watchdog?.watchdog?.removeAllListeners('reset')
  })
  for (const name of puppet.eventNames())
    for (const listener of puppet.rawListeners(name)) lasting.add(listener)
}

async function find(bot: Bot, id: string): Promise<Told | undefined> {
  const message = await bot.Message.find({ id })
  if (!message) return undefined
  const room = message.room()?.id
  const mentioned = room !== undefined && (await message.mentionSelf())
  const talker = message.talker()
  // Payloads are cached for ten days: whoever has become a friend since would be a stranger all that time.
  if (room === undefined && !message.self() && talker.friend() === false) await talker.sync()
  return {
    id,
    type: message.type(),
    text: mentioned ? await message.mentionText() : message.text(),
    self: message.self(),
    talker: { id: talker.id, type: talker.isReady() ? talker.type() : undefined, friend: talker.friend() },
    room,
    mentioned,
  }
}
