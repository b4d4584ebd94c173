/** The connection to the puppet, kept up: opened, probed, opened anew when it is silent; deaf to nothing on purpose. */
import type { ChannelHost } from '#channel'
import { goneWords, saysRestart, warningIn } from './decode.ts'
import { createIntake, type Intake } from './intake.ts'
import type { Breaker, Pace } from './pacing.ts'
import { drawQrCode } from './packages.ts'
import { type Ears, openPhone, type Phone, type PuppetOptions, wordsOf } from './transport.ts'

const probeMs = 60_000
/** So many probes in a row without a sign of life, and the puppet is started anew. */
const mostUnanswered = 3
const openAgainMs = 30_000
const longestAgainMs = 10 * 60_000

export interface Line {
  /** Keeps the connection up until the channel stops. */
  run(): Promise<void>
  intake: Pick<Intake, 'lose' | 'isLost'>
  /** Undefined as long as nobody is logged in. */
  phone(): Phone | undefined
  /** What is wrong, for the operator. */
  trouble(): string | undefined
  figures(): Record<string, number>
}

export interface LineSettings extends PuppetOptions {
  /** Shows lines to the operator: the QR code that the account's telephone has to scan; the newest one counts. */
  print(text: string): void
}

export interface LineOptions {
  options: LineSettings
  host: ChannelHost
  breaker: Breaker
  pace: Pace
  stopping: AbortSignal
}

const connecting = '正在连接 puppet，等它给出二维码或登录'
const scanning = '等待扫码登录：用试点账号的手机微信扫终端上的二维码'

/** The code as a terminal shows it, and its content, from which it can be drawn anew elsewhere. */
const pictureOf = (code: string) => `渠道 wechaty ${scanning}\n${drawQrCode(code)}\n二维码的内容：${code}\n`

export function createLine({ options, host, breaker, pace, stopping }: LineOptions): Line {
  const { clock, log } = host
  let phone: Phone | undefined
  let online = false
  let trouble = connecting
  let waitsForScan = false
  let code = ''
  let unanswered = 0
  let hasPulse = false
  let reconnects = 0
  const intake: Intake = createIntake({ host, breaker, stopping, find: async id => phone?.find(id) })

  function setOffline(why: string, isForScan = false): void {
    online = false
    trouble = why
    waitsForScan = isForScan
  }

  function waitForScan(): void {
    setOffline(code ? `${scanning}（内容：${code}）` : scanning, true)
  }

  /** Puppets tell of the same code again and again. */
  function showCode(fresh: string): void {
    const isNew = fresh !== code
    code = fresh
    waitForScan()
    if (!isNew) return
    log.info('wechaty.waiting', { say: scanning })
    options.print(pictureOf(fresh))
  }

  function loggedOut(reason: string): void {
    setOffline(connecting)
    if (stopping.aborted || saysRestart(reason)) return
    waitForScan()
    breaker.trip('logout', reason)
  }

  const ears: Ears = {
    scan: showCode,
    login() {
      online = true
      waitsForScan = false
      code = ''
      pace.begin()
      log.info('wechaty.logged.in')
    },
    logout: loggedOut,
    message: id => intake.hear(id),
    removed: room => intake.lose(room, '账号已被移出群聊'),
    deleted: contact => intake.lose(contact, goneWords),
    error(words) {
      const warning = warningIn(words)
      if (warning) breaker.trip(warning, words)
      if (!online && !waitsForScan) trouble = `puppet 报告错误：${words.slice(0, 100)}`
      if (!stopping.aborted) log.warn('wechaty.reported', { reason: words.slice(0, 200) })
    },
    alive() {
      unanswered = 0
    },
    pulse() {
      unanswered = 0
      hasPulse = true
    },
  }

  /** A puppet that never answers probes is left alone once it works: to log in anew is what accounts are banned for. */
  function isSilent(): boolean {
    const works = online || waitsForScan
    return unanswered >= mostUnanswered && (hasPulse || !works)
  }

  /** Hears whatever comes, and lets no fault out: wechaty would end the process. */
  const guarded = Object.fromEntries(
    Object.entries(ears).map(([name, hear]) => [
      name,
      (word: string) => {
        try {
          hear(word)
        } catch (error) {
          log.error('wechaty.failed', error, { heard: name })
        }
      },
    ]),
  ) as unknown as Ears

  /** Until the puppet is silent or the channel stops. */
  async function attend(present: Phone): Promise<void> {
    unanswered = 0
    while (!stopping.aborted && !isSilent()) {
      unanswered++
      try {
        present.ding()
      } catch {
        // Whoever cannot even be asked does not answer.
      }
      await clock.sleep(probeMs, stopping)
    }
  }

  async function connect(): Promise<void> {
    phone ??= await openPhone(options, guarded)
    await phone.start()
    if (!online && !waitsForScan && !stopping.aborted) log.info('wechaty.waiting', { say: trouble })
    await attend(phone)
    setOffline('puppet 没有回应，正在重新连接')
    await phone.stop()
  }

  return {
    async run() {
      for (let againMs = openAgainMs; !stopping.aborted; againMs = Math.min(againMs * 2, longestAgainMs)) {
        try {
          await connect()
          againMs = openAgainMs
        } catch (error) {
          setOffline(`连不上 puppet：${wordsOf(error).slice(0, 100)}。请核对 puppet 的名称、令牌和地址`)
          log.error('wechaty.failed', error)
        }
        if (stopping.aborted) break
        reconnects++
        await clock.sleep(againMs, stopping)
      }
      await intake.idle()
    },
    intake,
    phone: () => (online ? phone : undefined),
    trouble: () => (online ? undefined : trouble),
    figures: () => ({ ...intake.figures(), logged_in: Number(online), reconnects }),
  }
}
