import { serverInventories, servers, serverUpdates } from "@mailstead/db";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";

const overviewInput = z.object({ tenantId: z.uuid().optional() });

/** How the software of a fleet stands, in numbers of servers. */
export interface UpdatesOverview {
  readonly servers: number;
  /** Those that have told what software they have. */
  readonly told: number;
  readonly withUpdates: number;
  readonly withSecurityUpdates: number;
  readonly toRestart: number;
  readonly withOutdatedUnits: number;
  /** Those on which apt cannot say what waits. */
  readonly withoutAnswer: number;
  /** Those that could not read every changelog, and what one of them says of it. */
  readonly changelogsUnread: { readonly servers: number; readonly sentence: string } | null;
}

const countedSchema = z.object({
  servers: z.int(),
  told: z.int(),
  toRestart: z.int(),
  withOutdatedUnits: z.int(),
  withoutAnswer: z.int(),
  unread: z.int(),
  sentence: z.string().nullable(),
});
const waitingSchema = z.object({ withUpdates: z.int(), withSecurityUpdates: z.int() });

/** How many servers wait for updates, are to be restarted or still run what was replaced. */
export async function getUpdatesOverview(
  ctx: ServiceContext,
  input: z.input<typeof overviewInput> = {},
): Promise<UpdatesOverview> {
  const { tenantId } = parseInput(overviewInput, input);
  return withTransaction(ctx, async (tx) => {
    const told = serverInventories;
    const { rows } = await tx.execute(sql`
      select count(*)::integer as servers, count(${told.serverId})::integer as told,
        count(*) filter (where ${told.isRestartDue})::integer as "toRestart",
        count(*) filter (where ${told.outdatedUnits} <> '[]')::integer as "withOutdatedUnits",
        count(*) filter (where not ${told.areUpdatesKnown})::integer as "withoutAnswer",
        count(${told.changelogsSentence})::integer as unread, max(${told.changelogsSentence}) as sentence
      from ${servers} left join ${told} on ${told.serverId} = ${servers.id}
      where ${tenantId === undefined ? sql`true` : eq(servers.tenantId, tenantId)}`);
    const waiting = await tx.execute(sql`
      select count(distinct ${serverUpdates.serverId})::integer as "withUpdates",
        count(distinct ${serverUpdates.serverId}) filter (where ${serverUpdates.isSecurity})::integer
          as "withSecurityUpdates"
      from ${serverUpdates}
      where ${serverUpdates.isLead} and ${tenantId === undefined ? sql`true` : eq(serverUpdates.tenantId, tenantId)}`);
    const { unread, sentence, ...counted } = countedSchema.parse(rows[0]);
    return {
      ...counted,
      ...waitingSchema.parse(waiting.rows[0]),
      changelogsUnread: sentence === null ? null : { servers: unread, sentence },
    };
  });
}
