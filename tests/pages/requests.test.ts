import { describe, expect, it } from 'vitest'
import { createRequestPages } from '../../src/pages/requests.ts'
import { createPress } from '../../src/paper/index.ts'

const slip = {
  ...{ ref: '2026-0001', receivedOn: '2026-11-23', dueOn: '2026-12-21', applicant: '张＊＊' },
  ...{ how: '网上提交', explanation: '20个工作日', proof: 'ABCD-EFGH-JKMN' },
}
const pages = createRequestPages({
  agency: '某厅',
  slip: async (ref, code) => (ref === slip.ref && code === 'ABC234' ? slip : undefined),
  confirmSlip: async (ref, proof) => (ref === slip.ref && proof === slip.proof ? slip : undefined),
  pdf: createPress().pdf,
  status: async (ref, code) =>
    ref === '2026-0001' && code === 'ABC234'
      ? { ref, state: '已登记', receivedOn: '2026-11-23', dueOn: '2026-12-21', closedOn: null }
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
})
