/** A WeCom server on this machine with one group robot, which misbehaves on request. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server does with the next call. */
export type RobotFault =
  | { errcode: number; errmsg?: string }
  | { status: number; body?: string }
  /** Breaks the connection without an answer, after the message was read. */
  | { cut: true }
  | { silent: true }

export interface RobotEmulator {
  /** What to set as WECOM_ROBOT_URL. */
  readonly url: string
  readonly key: string
  /** What the group has seen, oldest first. */
  readonly shown: { msgtype: string; content: string }[]
  misbehave(...faults: RobotFault[]): void
  close(): Promise<void>
}

export interface RobotEmulatorOptions {
  port?: number
  onMessage?(content: string): void
}

const limits: Record<string, number> = { text: 2048, markdown: 4096 }

function answer(response: ServerResponse, errcode: number, errmsg: string): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' })
  response.end(JSON.stringify({ errcode, errmsg }))
}

function misanswer(response: ServerResponse, fault: RobotFault): void {
  if ('errcode' in fault) answer(response, fault.errcode, fault.errmsg ?? 'failed')
  else if ('cut' in fault) response.destroy()
  else if ('status' in fault) response.writeHead(fault.status).end(fault.body ?? '<html></html>')
}

export async function createRobotEmulator(options: RobotEmulatorOptions = {}): Promise<RobotEmulator> {
  const key = '693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa'
  const shown: RobotEmulator['shown'] = []
  const planned: RobotFault[] = []

  function take(given: string | null, body: string): [number, string] {
    if (given !== key) return [93000, `invalid webhook url, hint: [${given}]`]
    const { msgtype, ...rest } = JSON.parse(body) as Record<string, unknown> & { msgtype: string }
    const { content = '' } = (rest[msgtype] ?? {}) as { content?: string }
    const most = limits[msgtype]
    if (most === undefined) return [40008, 'invalid message type']
    if (content === '') return [44004, 'empty content']
    if (Buffer.byteLength(content) > most) return [40058, 'content exceed max length']
    shown.push({ msgtype, content })
    options.onMessage?.(content)
    return [0, 'ok']
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const fault = planned.shift()
      if (fault) misanswer(response, fault)
      else if (request.method !== 'POST' || pathname !== '/cgi-bin/webhook/send')
        response.writeHead(404).end()
      else answer(response, ...take(searchParams.get('key'), Buffer.concat(chunks).toString()))
    })
  })
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/cgi-bin/webhook/send?key=${key}`,
    key,
    shown,
    misbehave: (...faults) => void planned.push(...faults),
    close() {
      server.closeAllConnections()
      return new Promise<void>(resolve => server.close(() => resolve()))
    },
  }
}
