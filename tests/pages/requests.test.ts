import { describe, expect, it } from 'vitest'
import { Refusal } from '#base/errors'
import { createRequestPages } from '../../src/pages/requests.ts'
import { createPress } from '../../src/paper/index.ts'

const slip = {
  ...{ ref: '2026-0001', receivedOn: '2026-11-23', dueOn: '2026-12-21', applicant: '张＊＊' },
  ...{ how: '网上提交', explanation: '20个工作日', proof: 'ABCD-EFGH-JKMN' },
}
const added: string[] = []
const pages = createRequestPages({
  agency: '某厅',
  slip: async (ref, code) => (ref === slip.ref && code === 'ABC234' ? slip : undefined),
  confirmSlip: async (ref, proof) => (ref === slip.ref && proof === slip.proof ? slip : undefined),
  pdf: createPress().pdf,
  addFile: async ({ code }, { name, bytes }) => {
    if (code !== 'ABC234') return undefined
    if (bytes.length === 0) throw new Refusal('file', '这个文件是空的')
    added.push(name)
    return { name }
  },
  status: async (ref, code) =>
    ref === '2026-0001' && code === 'ABC234'
      ? {
          ref,
          state: '已登记',
          receivedOn: '2026-11-23',
          dueOn: '2026-12-21',
          closedOn: null,
          files: added.length,
        }
      : undefined,
})
const get = async (query: string) => {
  const response = await pages.fetch(new Request(`http://a/requests${query}`))
  return {
    status: response.status,
    body: await response.text(),
    cache: response.headers.get('cache-control'),
  }
}

describe('the page on where a request stands', () => {
  it('asks for the number and the query code', async () => {
    const { status, body, cache } = await get('')
    expect([status, cache]).toEqual([200, 'no-store'])
    for (const label of ['编号', '查询码']) expect(body).toContain(label)
  })

  it('shows state and date to whoever knows both', async () => {
    const { status, body } = await get('?number=2026-0001&code=ABC234')
    expect(status).toBe(200)
    for (const words of ['已登记', '2026-12-21']) expect(body).toContain(words)
  })

  it('says the same of a wrong number and of a wrong code, and shows what was typed as text', async () => {
    const one = await get('?number=2026-0001&code=XXXXXX')
    const other = await get('?number=<b>&code=ABC234')
    expect([one.status, other.status]).toEqual([404, 404])
    expect(other.body).toContain('&lt;b&gt;')
    expect(one.body.replace(/value="[^"]*"/g, '')).toBe(other.body.replace(/value="[^"]*"/g, ''))
  })

  it('gives the receipt as PDF to whoever knows both, and to nobody else', async () => {
    const fetched = (query: string) => pages.fetch(new Request(`http://a/requests/receipt.pdf${query}`))
    const right = await fetched('?number=2026-0001&code=ABC234')
    expect(right.headers.get('content-type')).toBe('application/pdf')
    expect(
      Buffer.from(await right.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    expect((await fetched('?number=2026-0001&code=ABCD-EFGH-JKMN')).status).toBe(404)
    const shown = await get('?number=2026-0001&code=ABC234')
    expect(shown.body).toContain('/requests/receipt.pdf?number=2026-0001&amp;code=ABC234')
  })

  it('says of a proof whether the receipt is ours, with nothing of where the request stands', async () => {
    const { status, body } = await get('?number=2026-0001&code=ABCD-EFGH-JKMN')
    expect(status).toBe(200)
    for (const words of ['本机关出具', '张＊＊', '2026-12-21']) expect(body).toContain(words)
    expect(body).not.toContain('已登记')
    expect((await get('?number=2026-0001&code=ABCD-EFGH-JKMM')).status).toBe(404)
  })

  it('takes a file for an open request from whoever knows both, and says what is wrong with one', async () => {
    const send = (fields: Record<string, string | File>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries(fields)) body.set(name, value)
      return pages.fetch(new Request('http://a/requests', { method: 'POST', body }))
    }
    const own = { number: '2026-0001', code: 'ABC234' }
    const file = new File(['%PDF-'], '清单.pdf')
    const taken = await send({ ...own, file })
    expect(taken.status).toBe(200)
    expect(await taken.text()).toContain('“清单.pdf”收到了')
    expect(added).toEqual(['清单.pdf'])
    expect((await send({ ...own, code: 'XXXXXX', file })).status).toBe(404)
    for (const [fields, words] of [
      [own, '请先选一个文件'],
      [{ ...own, file: new File([], 'a.pdf') }, '这个文件是空的'],
    ] as const) {
      const refused = await send(fields)
      expect(refused.status).toBe(422)
      expect(await refused.text()).toContain(words)
    }
    expect(added).toHaveLength(1)
  })
})
