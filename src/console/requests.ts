/** Requests for information: what is open, one of them with all that happened, and every verb of the desk. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { DisclosureDesk } from '#casework'
import type { Case } from '#dossier'
import type { Access, ConsoleEnv } from './access.ts'
import { answer } from './sign-in.ts'

const row = z.object({
  ref: z.string(),
  kind: z.string(),
  state: z.string(),
  receivedOn: z.string(),
  dueOn: z.string(),
  assignee: z.string().nullable(),
  division: z.string().nullable(),
})

function rowOf({ ref, kind, state, receipt, dueOn, assignee, division }: Case): z.infer<typeof row> {
  return { ref, kind, state, receivedOn: receipt.receivedOn, dueOn, assignee, division }
}

export interface RequestRoutesOptions {
  desk: Pick<DisclosureDesk, 'list'>
  access: Access
}

export function createRequestRoutes({ desk, access }: RequestRoutesOptions) {
  const listRoute = createRoute({
    method: 'get',
    path: '/requests',
    ...access('inspect-requests'),
    responses: { 200: answer(z.object({ requests: z.array(row) })) },
  })
  return new OpenAPIHono<ConsoleEnv>().openapi(listRoute, async c => {
    const open = await desk.list(c.get('visitor').account.name)
    return c.json({ requests: open.map(rowOf) }, 200)
  })
}
