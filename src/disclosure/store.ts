/** Every query on requests for information. */
import { type Store, statement, type Write, write } from '#storage'

interface NewRequest {
  ref: string
  channel: string
  received_on: string
  applicant: string
  body: Uint8Array
  closed_on: string | null
  disposition: string | null
  created_at: number
  /** A mark of the line as it was taken over, under the request's own key: the same line again is known by it. */
  imported: string
}

const insertRequest = statement((db, p: NewRequest) =>
  db.insertInto('requests').values({
    ref: p.ref,
    channel: p.channel,
    received_on: p.received_on,
    applicant: p.applicant,
    body: p.body,
    closed_on: p.closed_on,
    disposition: p.disposition,
    created_at: p.created_at,
    imported: p.imported,
  }),
)
interface NewReview {
  ref: string
  position: number
  kind: string
  result: string
  on_date: string
}
const insertReview = statement((db, p: NewReview) =>
  db.insertInto('request_reviews').values({
    ref: p.ref,
    position: p.position,
    kind: p.kind,
    result: p.result,
    on_date: p.on_date,
  }),
)
export function createDisclosureStore(store: Store) {
  return {
    insertRequest: (row: NewRequest): Write => write(insertRequest, row, 1),
    insertReview: (row: NewReview): Write => write(insertReview, row, 1),
    /** Those of these that are there. */
    listBodies: (refs: string[]): Promise<{ ref: string; body: Uint8Array; imported: string | null }[]> =>
      store.query(db =>
        db.selectFrom('requests').select(['ref', 'body', 'imported']).where('ref', 'in', refs),
      ),
    /** Those of these that go on under another number: the report counts them no more. */
    listMerged: async (refs: string[]): Promise<string[]> => {
      const rows = await store.query(db =>
        db.selectFrom('cases').select('ref').where('ref', 'in', refs).where('state', '=', 'merged'),
      )
      return rows.map(({ ref }) => ref)
    },
    commit: (writes: readonly Write[]) => store.commit(writes),
  }
}

export type DisclosureStore = ReturnType<typeof createDisclosureStore>
