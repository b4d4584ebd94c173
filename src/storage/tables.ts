/** Every table of the product, as Kysely sees it. Times are epoch milliseconds; bytes are sealed by the vault. */
import type { Generated } from 'kysely'

export interface Tables {
  /** One row a conversation: `id` is `<channel account>|<chat>`, `seq` what other tables name it by. */
  conversations: {
    seq: Generated<number>
    id: string
    owner: string
    language: string
    /** The open forms with what was filled in, sealed; null where none is open. */
    forms: Uint8Array | null
    created_at: number
    /** The day of the last turn in whole days since the epoch: the row changes once a day, not with every message. */
    last_day: number
    /** The same for all conversations that their citizen has linked; null where it stands alone. */
    person: string | null
  }
  /** Codes by which another conversation can be linked, as long as they hold; the code itself is nowhere. */
  link_codes: { hash: string; conversation: number; expires_at: number }
  /** Codes made and codes that were wrong: they are limited. */
  link_acts: { conversation: number; act: string; at: number }
  /** Every message that arrived, once: unique by conversation and native id. */
  inbound: {
    seq: Generated<number>
    conversation: number
    native_id: string
    body: Uint8Array
    state: string
    /** The process that will take the turn, or took it. */
    process: string
    received_at: number
    done_at: number | null
    /** How the question was answered: see `Outcome`; null where the message was no question. */
    outcome: string | null
    /** The entry that was told, and which version of it. */
    entry: string | null
    version: number | null
    /** The calibrated probability of the best candidate, 0–1. */
    confidence: number | null
    /** JSON: the nearest entries, each with its confidence. */
    candidates: string | null
    /** What the citizen thought of the answer: good or bad, and why. */
    verdict: string | null
    verdict_reason: string | null
    /** The citizen wants to be told when there is an answer: since when, and when that was done. */
    wish_at: number | null
    told_at: number | null
    cluster: number | null
  }
  /** Questions alike that had no good answer; the label is one of them, sealed. */
  clusters: {
    seq: Generated<number>
    label: Uint8Array
    state: string
    owner: string | null
    due_on: string | null
    entry: string | null
    created_at: number
  }
  /** Who was sent the correction of a version of an entry. */
  corrections: { entry: string; version: number; conversation: number; created_at: number }
  /** What a conversation was told in answer to the further questions of a message, beside the first. */
  told_besides: { entry: string; version: number; conversation: number }
  /** The ledger: every message that leaves, and what became of it. */
  deliveries: {
    seq: Generated<number>
    conversation: number
    account: string
    chat: string
    in_reply_to: number | null
    body: Uint8Array
    state: string
    attempts: number
    next_at: number
    expires_at: number | null
    process: string
    created_at: number
    settled_at: number | null
    native_id: string | null
    reason: string | null
  }
  /** What may still be sent in a conversation without being asked again, and until when. */
  reply_windows: { conversation: number; left: number; closes_at: number }
  /** What citizens left for a person to answer. */
  left_messages: {
    number: string
    conversation: number
    body: Uint8Array
    state: string
    created_at: number
  }
  /** Officials; `roles` is a JSON list. */
  staff: { name: string; roles: string; created_at: number; disabled_at: number | null }
  /** Where officials get their notices; the address is sealed. */
  staff_addresses: { name: string; address: Uint8Array }
  /** `password` is an argon2id hash; `totp` the sealed secret; `totp_step` the last 30 seconds that were used. */
  staff_credentials: {
    name: string
    password: string
    totp: Uint8Array | null
    totp_step: number
    failures: number
    locked_until: number
    changed_at: number
  }
  /** Links by which an official sets a password, by the hash of the token; `name` null: the first administrator. */
  staff_invitations: { hash: string; name: string | null; expires_at: number; used_at: number | null }
  /** The hashes of the keys of all notices that were told: each is told once. */
  notices: { key: string; told_at: number }
  /** Every act of an official; each row's hash covers the hash of the row before it. */
  audit: {
    seq: Generated<number>
    at: number
    staff: string
    act: string
    subject: string
    detail: string
    previous: string
    hash: string
  }
  /** Every version of every entry; `content` is Markdown with front matter, as in the folder. */
  entry_versions: {
    entry: string
    version: number
    state: string
    content: string
    hash: string
    author: string
    reviewer: string | null
    note: string | null
    /** The legal date from which it is quoted; null: at once. */
    effective_from: string | null
    created_at: number
  }
  /** What was changed in the entries that are quoted, for the other processes. */
  entry_changes: { seq: Generated<number>; entry: string; at: number }
  /** Requests for information; `body` is the whole record, sealed, and what stands beside it is no personal data. */
  requests: {
    ref: string
    channel: string
    received_on: string
    applicant: string
    body: Uint8Array
    closed_on: string | null
    disposition: string | null
    created_at: number
    imported: Generated<string | null>
  }
  /** Sealed with the request's own key. */
  request_attachments: { ref: string; number: number; body: Uint8Array }
  request_reviews: { ref: string; position: number; kind: string; result: string; on_date: string }
  /**
   * Requests as the office works on them, and assisted ones (协查), which the report does not count; `body` is the whole
   * case, sealed. `version` rises with each event; `once` is the filing that made it, so that it is made once.
   */
  cases: {
    ref: string
    kind: string
    state: string
    version: number
    due_on: string
    /** The day from which nothing is to be done any more; null while it is open. */
    ended_on: string | null
    once: string | null
    body: Uint8Array
    created_at: number
  }
  /** What happened to a request, never changed: the hashes cover `digest`, which is salted, and never what is sealed. */
  request_events: {
    ref: string
    seq: number
    at: number
    staff: string
    verb: string
    /** Sealed: the values before and after; null once the personal data is deleted. */
    changes: Uint8Array | null
    /** Sealed with them, so that nobody can try out what the digest stands for. */
    salt: Uint8Array | null
    digest: string
    previous: string
    hash: string
  }
  /** The last number given in each series: a year's requests, a year's assisted ones. */
  request_numbers: { series: string; last: number }
  /** What each request's officials were reminded of, once. */
  request_reminders: { ref: string; kind: string; due_on: string; told_at: number }
  /** Notices of the State Council on holidays that were loaded; `content` is JSON. */
  calendar_notices: {
    seq: Generated<number>
    year: number
    content: string
    source: string
    hash: string
    staff: string
    loaded_at: number
  }
  /** Figures of the annual report that no request can yield, as JSON, with where they come from. */
  report_figures: { year: number; content: string; fees: string | null; source: string; stored_at: number }
  /** Sections of the annual report as an official wrote them. */
  report_texts: { year: number; section: string; text: string; staff: string; at: number }
  /** The report as it was published: appended, never changed. */
  reports: {
    year: number
    seq: number
    content: string
    hash: string
    mark: string
    staff: string
    reason: string | null
    at: number
  }
  report_reminders: { year: number; step: number; told_at: number }
  /** Links to pages that are good once; the link itself is nowhere. */
  form_tokens: {
    hash: string
    form: string
    conversation: number
    channel: string
    expires_at: number
    used_at: number | null
  }
  data_keys: { id: string; wrapped: Uint8Array; created_at: number }
  processes: { id: string; host: string; pid: number; started_at: number; lease_until: number }
  job_slots: { job: string; slot: number; process: string; taken_at: number }
  cache: { key: string; value: string; expires_at: number | null }
}
