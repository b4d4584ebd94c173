/** The receipt of a request as a document to keep: no more of the applicant than shows whose it is. Pure. */
import type { Slip } from '#casework'
import type { Paper } from '#paper'
import { formatDay } from '#statute'
import { pageWording as w } from './wording.ts'

export function receiptOf(slip: Slip, agency: string): Paper {
  const { ref, applicant, receivedOn, how, dueOn, explanation, proof } = slip
  return {
    title: w.receiptTitle,
    size: 'card',
    leaves: [
      {
        kind: 'facts',
        facts: [
          [w.number, ref],
          [w.applicant, applicant],
          [w.received, `${formatDay(receivedOn)}（${how}）`],
          [w.due, formatDay(dueOn)],
          [w.proof, proof],
        ],
      },
      { kind: 'note', text: explanation },
      { kind: 'note', text: w.proofHow },
      { kind: 'signature', lines: [agency, formatDay(receivedOn)] },
    ],
  }
}
