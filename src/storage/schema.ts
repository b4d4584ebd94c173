/** The one set of migrations that makes the tables, on both databases. */
import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StorageFailure } from './store.ts'

export type DialectName = 'sqlite' | 'postgres'

/** What every version of ours has, and hardly another program: by these tables a copy of ours is known. */
export const ownTables = ['kysely_migration', 'conversations', 'inbound', 'deliveries', 'data_keys'] as const

/** A change of the schema is a new migration, never an edit of an old one. */
type Db = Kysely<unknown>
// biome-ignore lint/suspicious/noExplicitAny: the builder's own type parameters do not matter to a column helper
type Table = CreateTableBuilder<any, any>

interface Types {
  bytes: 'blob' | 'bytea'
  /** A key that rises in the order of insertion and is never used again. */
  serial: (table: Table) => Table
}

const typesOf: Record<DialectName, Types> = {
  sqlite: { bytes: 'blob', serial: t => t.addColumn('seq', 'integer', c => c.primaryKey().autoIncrement()) },
  postgres: { bytes: 'bytea', serial: t => t.addColumn('seq', 'bigserial', c => c.primaryKey()) },
}

async function createMessages(db: Db, types: Types): Promise<void> {
  await types
    .serial(db.schema.createTable('conversations'))
    .addColumn('id', 'text', c => c.notNull().unique())
    .addColumn('owner', 'text', c => c.notNull())
    .addColumn('language', 'text', c => c.notNull())
    .addColumn('forms', types.bytes)
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('last_day', 'integer', c => c.notNull())
    .execute()
  await types
    .serial(db.schema.createTable('inbound'))
    .addColumn('conversation', 'bigint', c => c.notNull())
    // Checked at the end of the unit: what deletes a conversation deletes its messages after it.
    .addForeignKeyConstraint('inbound_conversation', ['conversation'], 'conversations', ['seq'], c =>
      c.deferrable().initiallyDeferred(),
    )
    .addColumn('native_id', 'text', c => c.notNull())
    .addColumn('body', types.bytes, c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('process', 'text', c => c.notNull())
    .addColumn('received_at', 'bigint', c => c.notNull())
    .addColumn('done_at', 'bigint')
    .execute()
  await types
    .serial(db.schema.createTable('deliveries'))
    .addColumn('conversation', 'bigint', c => c.notNull())
    .addColumn('account', 'text', c => c.notNull())
    .addColumn('chat', 'text', c => c.notNull())
    .addColumn('in_reply_to', 'bigint')
    .addColumn('body', types.bytes, c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('attempts', 'integer', c => c.notNull())
    .addColumn('next_at', 'bigint', c => c.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('process', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .addColumn('settled_at', 'bigint')
    .addColumn('native_id', 'text')
    .addColumn('reason', 'text')
    .execute()
  await createMessageIndexes(db)
}

async function createMessageIndexes(db: Db): Promise<void> {
  // Platforms number their messages upwards: with their id in front a new key lands beside the last one.
  await sql`create unique index inbound_once on inbound (native_id, conversation)`.execute(db)
  await sql`create index inbound_of_chat on inbound (conversation, seq)`.execute(db)
  await sql`create index inbound_waiting on inbound (conversation, seq) where state = 'received'`.execute(db)
  await sql`create index deliveries_of_reply on deliveries (in_reply_to)`.execute(db)
  await sql`create index deliveries_unasked on deliveries (conversation, seq) where in_reply_to is null`.execute(
    db,
  )
  await sql`create index deliveries_open on deliveries (conversation, seq) where state in ('queued', 'attempting')`.execute(
    db,
  )
  await sql`create index conversations_by_age on conversations (last_day)`.execute(db)
}

async function createRest(db: Db, types: Types): Promise<void> {
  await db.schema
    .createTable('left_messages')
    .addColumn('number', 'text', c => c.primaryKey())
    .addColumn('conversation', 'bigint', c => c.notNull())
    .addColumn('body', types.bytes, c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .execute()
  await db.schema
    .createTable('data_keys')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('wrapped', types.bytes, c => c.notNull())
    .addColumn('created_at', 'bigint', c => c.notNull())
    .execute()
  await db.schema
    .createTable('processes')
    .addColumn('id', 'text', c => c.primaryKey())
    .addColumn('host', 'text', c => c.notNull())
    .addColumn('pid', 'integer', c => c.notNull())
    .addColumn('started_at', 'bigint', c => c.notNull())
    .addColumn('lease_until', 'bigint', c => c.notNull())
    .execute()
  await db.schema
    .createTable('job_slots')
    .addColumn('job', 'text', c => c.notNull())
    .addColumn('slot', 'bigint', c => c.notNull())
    .addColumn('process', 'text', c => c.notNull())
    .addColumn('taken_at', 'bigint', c => c.notNull())
    .addPrimaryKeyConstraint('job_slots_once', ['job', 'slot'])
    .execute()
  await db.schema
    .createTable('cache')
    .addColumn('key', 'text', c => c.primaryKey())
    .addColumn('value', 'text', c => c.notNull())
    .addColumn('expires_at', 'bigint')
    .execute()
}

/** How each question was answered stands beside it. */
async function addAnswers(db: Db): Promise<void> {
  for (const [column, type] of [
    ['outcome', 'text'],
    ['entry', 'text'],
    ['version', 'integer'],
    ['confidence', 'double precision'],
    ['candidates', 'text'],
  ] as const)
    await db.schema.alterTable('inbound').addColumn(column, type).execute()
  await sql`create index inbound_by_entry on inbound (entry, seq) where entry is not null`.execute(db)
}

/** What became of an answer: what was thought of it, and the questions that had none. */
async function addLoop(db: Db, types: Types): Promise<void> {
  const columns = {
    verdict: 'text',
    verdict_reason: 'text',
    wish_at: 'bigint',
    told_at: 'bigint',
    cluster: 'bigint',
  } as const
  for (const [column, type] of Object.entries(columns))
    await db.schema.alterTable('inbound').addColumn(column, type).execute()
  await types
    .serial(db.schema.createTable('clusters'))
    .addColumn('label', types.bytes, c => c.notNull())
    .addColumn('state', 'text', c => c.notNull())
    .addColumn('owner', 'text')
    .addColumn('due_on', 'text')
    .addColumn('entry', 'text')
    .addColumn('created_at', 'bigint', c => c.notNull())
    .execute()
  await run(db, [
    `create table corrections (entry text not null, version integer not null, conversation bigint not null,
       created_at bigint not null, primary key (entry, version, conversation))`,
    `create index inbound_loose on inbound (seq)
       where cluster is null and (outcome in ('refused', 'handover') or verdict = 'bad')`,
    `create index inbound_of_cluster on inbound (cluster) where cluster is not null`,
  ])
}

async function run(db: Db, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

/** Officials, their acts, and the entries that they edit. */
async function addKnowledge(db: Db, dialect: DialectName): Promise<void> {
  const serial = dialect === 'sqlite' ? 'seq integer primary key autoincrement' : 'seq bigserial primary key'
  await run(db, [
    `create table staff (name text primary key, roles text not null, created_at bigint not null, disabled_at bigint)`,
    `create table audit (${serial}, at bigint not null, staff text not null, act text not null, subject text not null,
       detail text not null, previous text not null unique, hash text not null unique)`,
    `create table entry_versions (entry text not null, version integer not null, state text not null,
       content text not null, hash text not null, author text not null, reviewer text, note text,
       effective_from text, created_at bigint not null, primary key (entry, version))`,
    `create index entry_versions_published on entry_versions (entry, version) where state = 'published'`,
    `create table entry_changes (${serial}, entry text not null, at bigint not null)`,
    `create index entry_changes_by_time on entry_changes (at)`,
  ])
}

/** The answers to the further questions of a message, so that a correction finds whoever was told them. */
const addBesides = (db: Db) =>
  run(db, [
    `create table told_besides (entry text not null, version integer not null, conversation bigint not null,
       primary key (entry, version, conversation))`,
  ])

/** Requests for information, and the figures of the annual report. */
async function addRequests(db: Db, dialect: DialectName): Promise<void> {
  const bytes = dialect === 'sqlite' ? 'blob' : 'bytea'
  await run(db, [
    `create table requests (ref text primary key, channel text not null, received_on text not null,
       applicant text not null, body ${bytes} not null, closed_on text, disposition text, created_at bigint not null)`,
    `create index requests_received on requests (received_on)`,
    `create index requests_closed on requests (closed_on)`,
    `create table request_reviews (ref text not null references requests (ref), position integer not null,
       kind text not null, result text not null, on_date text not null, primary key (ref, position))`,
    `create table report_figures (year integer primary key, content text not null, source text not null,
       stored_at bigint not null)`,
  ])
}

/** The office: requests as they are worked on, what happened to them, and the calendar that their dates rest on. */
async function addDesk(db: Db, dialect: DialectName): Promise<void> {
  const bytes = dialect === 'sqlite' ? 'blob' : 'bytea'
  const serial = dialect === 'sqlite' ? 'seq integer primary key autoincrement' : 'seq bigserial primary key'
  await run(db, [
    `create table cases (ref text primary key, kind text not null, state text not null, version integer not null,
       due_on text not null, ended_on text, once text unique, body ${bytes} not null, created_at bigint not null)`,
    `create index cases_open on cases (due_on) where ended_on is null`,
    `create table request_events (ref text not null, seq integer not null, at bigint not null, staff text not null,
       verb text not null, changes ${bytes}, salt ${bytes}, digest text not null, previous text not null,
       hash text not null unique, primary key (ref, seq))`,
    `create table request_numbers (series text primary key, last integer not null)`,
    `create table request_reminders (ref text not null, kind text not null, due_on text not null,
       told_at bigint not null, primary key (ref, kind, due_on))`,
    `create table calendar_notices (${serial}, year integer not null, content text not null, source text not null,
       hash text not null unique, staff text not null, loaded_at bigint not null)`,
  ])
}

/** Which conversations are one person's, and the codes by which they become so. */
async function addIdentity(db: Db): Promise<void> {
  await run(db, [
    `alter table conversations add column person text`,
    `create index conversations_of_person on conversations (person) where person is not null`,
    `create table link_codes (hash text primary key, conversation bigint not null, expires_at bigint not null)`,
    `create table link_acts (conversation bigint not null, act text not null, at bigint not null)`,
    `create index link_acts_by_time on link_acts (conversation, at)`,
  ])
}

/** What waits until the citizen writes again, and how long they may be written to. */
const addWindows = (db: Db) =>
  run(db, [
    `create table reply_windows (conversation bigint primary key, "left" integer not null, closes_at bigint not null)`,
    `create index deliveries_parked on deliveries (conversation, seq) where state = 'parked'`,
  ])

/** What officials are told by mail and in their group, and where. */
const addNotices = (db: Db, { bytes }: Types) =>
  run(db, [
    `create table notices (key text primary key, told_at bigint not null)`,
    `create table staff_addresses (name text primary key, address ${bytes} not null)`,
  ])

/** Pages that are good once. */
const addFormPages = (db: Db) =>
  run(db, [
    `create table form_tokens (hash text primary key, form text not null, conversation bigint not null,
       channel text not null, expires_at bigint not null, used_at bigint)`,
  ])

/** How officials sign in: passwords as argon2id, second factors sealed, links that are good once. */
const addSignIn = (db: Db, { bytes }: Types) =>
  run(db, [
    `create table staff_credentials (name text primary key, password text not null, totp ${bytes},
       totp_step bigint not null, failures integer not null, locked_until bigint not null, changed_at bigint not null)`,
    `create table staff_invitations (hash text primary key, name text, expires_at bigint not null, used_at bigint)`,
  ])

/** The annual report: fees beside the figures, texts by hand, what was frozen, and what was reminded of. */
const addAnnual = (db: Db) =>
  run(db, [
    `alter table report_figures add column fees text`,
    `create table report_texts (year integer not null, section text not null, text text not null,
       staff text not null, at bigint not null, primary key (year, section))`,
    `create table reports (year integer not null, seq integer not null, content text not null, hash text not null,
       mark text not null, staff text not null, reason text, at bigint not null, primary key (year, seq))`,
    `create table report_reminders (year integer not null, step integer not null, told_at bigint not null,
       primary key (year, step))`,
  ])

/** By which the line of a register is known again, whatever the office has done with the request since. */
const addImported = (db: Db) => run(db, [`alter table requests add column imported text`])

/** What applicants and officials put to a request; what each file is stands in the case. */
const addAttachments = (db: Db, { bytes }: Types) =>
  run(db, [
    `create table request_attachments (ref text not null, number integer not null, body ${bytes} not null,
       primary key (ref, number))`,
  ])

/** Applied in the order of their names. */
function migrationsFor(dialect: DialectName): Record<string, Migration> {
  const types = typesOf[dialect]
  return {
    '2026-11-23-messages': {
      up: async (db: Db) => {
        await createMessages(db, types)
        await createRest(db, types)
      },
    },
    '2026-11-24-answers': { up: addAnswers },
    '2026-11-24-loop': { up: db => addLoop(db, types) },
    '2026-11-25-knowledge': { up: db => addKnowledge(db, dialect) },
    '2026-11-26-besides': { up: addBesides },
    '2026-11-27-requests': { up: db => addRequests(db, dialect) },
    '2026-11-28-identity': { up: addIdentity },
    '2026-11-28-windows': { up: addWindows },
    '2026-11-29-desk': { up: db => addDesk(db, dialect) },
    '2026-12-01-notices': { up: db => addNotices(db, types) },
    '2026-12-02-form-pages': { up: addFormPages },
    '2026-12-03-annual': { up: addAnnual },
    '2026-12-04-imported': { up: addImported },
    '2026-12-05-attachments': { up: db => addAttachments(db, types) },
    '2026-12-06-sign-in': { up: db => addSignIn(db, types) },
  }
}

function migratorOf(db: Kysely<never>, dialect: DialectName): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrationsFor(dialect) } })
}

const mostAttempts = 20
/** Brings the schema up to date; gives the names of what was applied. Several processes may call it at once. */
export async function migrate(db: Kysely<never>, dialect: DialectName): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const { error, results } = await migratorOf(db, dialect).migrateToLatest()
    if (!error) return (results ?? []).map(r => r.migrationName)
    // Kysely's words for a migration that was made and that this version does not know.
    if (error instanceof Error && /^corrupted migrations/.test(error.message))
      throw new StorageFailure('newer', error.message, error)
    // SQLite has no migration lock: the process that came second finds the tables there and looks again.
    if (dialect === 'postgres' || attempt === mostAttempts) throw error
  }
}

/** The names of migrations that are not applied yet; readiness asks. */
export async function pendingMigrations(db: Kysely<never>, dialect: DialectName): Promise<string[]> {
  const all = await migratorOf(db, dialect).getMigrations()
  return all.filter(m => m.executedAt === undefined).map(m => m.name)
}
