/** The day of receipt by the way on which a request came (Art 31). */
import { describe, expect, it } from 'vitest'
import { receiptOf } from '#statute'

const days = { arrivedOn: '2025-03-03', confirmedOn: '2025-03-04' }

describe('the day of receipt', () => {
  it.each([
    ['in-person', '2025-03-03', /提交之日.*第（一）项/],
    ['registered-post', '2025-03-03', /签收之日.*第（二）项/],
    ['letter', '2025-03-04', /确认之日.*第（二）项.*当天确认/],
    ['fax', '2025-03-04', /双方确认之日.*第（三）项/],
    ['internet', '2025-03-04', /双方确认之日.*第（三）项/],
  ])('of a request by %s is %s', (channel, receivedOn, how) => {
    const receipt = receiptOf({ channel, ...days })
    expect(receipt.receivedOn).toBe(receivedOn)
    expect(receipt.how).toMatch(how)
  })

  it('cannot be told where a confirmation is missing, too early, or on no day', () => {
    expect(() => receiptOf({ channel: 'letter', arrivedOn: '2025-03-03' })).toThrow(/第（二）项/)
    expect(() => receiptOf({ channel: 'internet', arrivedOn: '2025-03-03' })).toThrow(/第（三）项/)
    expect(() => receiptOf({ channel: 'fax', ...days, confirmedOn: '2025-03-02' })).toThrow(/还早/)
    expect(() => receiptOf({ channel: 'fax', ...days, arrivedOn: '2025-02-30' })).toThrow(/没有 2025-02-30/)
  })
})
