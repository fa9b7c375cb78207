import { type ProviderId, providers, type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import { networkOf } from "@mailstead/core/dns";
import {
  deliveryFindingPrefix,
  type FindingDetails,
  findFleetEvent,
  findingOfFleet,
  fleetFindingPrefix,
  fleetKeyOf,
  type StruckServer,
  sightMs,
} from "@mailstead/core/findings";
import { checkFindings, organisations, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNotNull, isNull, like, sql } from "drizzle-orm";
import { recordFindings } from "../checks/index.ts";
import type { ServiceContext } from "../context/index.ts";
import { readOpenRows } from "./read-open-rows.ts";

const dayMs = 86_400_000;
const baselineDays = 14;

/**
 * Makes one finding of what struck many servers of the organisation at once, and folds theirs into it. Only the
 * organisation's own servers are looked at: nothing of another is known here, not even as a number.
 */
export async function recordFleetFindings(tx: Transaction, ctx: ServiceContext): Promise<void> {
  const at = ctx.now();
  const { organisationId } = ctx;
  // Held, so that of two workers one sees what the other has kept.
  await tx
    .select({ id: organisations.id })
    .from(organisations)
    .where(eq(organisations.id, organisationId))
    .for("update");
  const rows = await readOpenRows(tx);
  const single = rows.filter(
    ({ key, serverId }) => key.startsWith(deliveryFindingPrefix) && serverId !== null,
  );
  const open = rows.filter(({ key }) => key.startsWith(fleetFindingPrefix));
  if (single.length === 0 && open.length === 0) return;
  const active = await readActive(tx, at);
  const found = [];
  const members = new Map<string, readonly string[]>();
  for (const [key, own] of Map.groupBy(single, ({ details }) => kindOf(details))) {
    const [first] = own;
    const category = first?.details?.category ?? null;
    const provider = first?.details?.provider ?? null;
    if (key === null || first === undefined || category === null || provider === null) continue;
    const there = active.filter((one) => one.provider === provider);
    const struck = struckBy(own, there);
    const event = findFleetEvent({
      struck,
      active: there,
      baseline: await readBaseline(tx, { category, provider, at }),
      open: open.find((one) => one.key === key)?.details?.fleet?.serverIds ?? [],
    });
    if (event === null) continue;
    const ofEvent = own.filter(({ serverId }) => event.serverIds.includes(serverId ?? ""));
    const { severity, sentence, details } = findingOfFleet({ category, provider }, event, {
      reply: ofEvent.find((one) => one.details?.reply != null)?.details?.reply ?? null,
      serverNames: [...new Set(ofEvent.map(({ serverName }) => serverName ?? ""))].sort(),
      isRefused: ofEvent.some(({ details: one }) => (one?.figures?.refused ?? 0) > 0),
    });
    found.push({ key, severity, sentence, details });
    members.set(
      key,
      ofEvent.map(({ id }) => id),
    );
  }
  await recordFindings(
    tx,
    { organisationId, tenantId: null },
    { found, unseen: () => false, at, by: "fleet" },
  );
  await fold(tx, members);
}

function kindOf(details: FindingDetails | null): string | null {
  if (details?.category == null || details.provider === null) return null;
  return details.category in replyCategories && details.provider in providers
    ? fleetKeyOf(details.category, details.provider)
    : null;
}

type Active = StruckServer & { provider: ProviderId };

/** A server that is refused at two of its addresses is struck once, when the first of them was. */
function struckBy(
  own: readonly { serverId: string | null; details: FindingDetails | null; openedAt: Date }[],
  active: readonly Active[],
): StruckServer[] {
  return [...Map.groupBy(own, ({ serverId }) => serverId ?? "")].flatMap(([serverId, rows]) => {
    const known = active.find((one) => one.serverId === serverId);
    const beganAt = Math.min(
      ...rows.map(({ details, openedAt }) => details?.figures?.firstAt ?? openedAt.getTime()),
    );
    return known === undefined ? [] : [{ ...known, beganAt }];
  });
}

/** Servers that wrote to a provider lately, and those of which a finding there is open though they write no more. */
async function readActive(tx: Transaction, at: Date): Promise<readonly Active[]> {
  const from = new Date(at.getTime() - sightMs);
  const { rows } = await tx.execute<{
    server_id: string;
    tenant_id: string;
    provider: string;
    address: string | null;
    changed_at: string | null;
  }>(sql`with writers as (
      select server_id, provider, max(nullif(sending_address, '')) as address from delivery_minutes
      where starts_at >= ${from}::timestamptz and direction = 'outbound' and provider <> '' group by 1, 2
      union all
      select server_id, details ->> 'provider', null from check_findings
      where closed_at is null and server_id is not null and key like ${`${deliveryFindingPrefix}%`}
        and details ->> 'provider' is not null)
    select servers.id as server_id, servers.tenant_id, writers.provider, max(writers.address) as address,
      (select max(created_at) from target_states where target_states.server_id = servers.id) as changed_at
    from writers join servers on servers.id = writers.server_id group by servers.id, servers.tenant_id, writers.provider`);
  return rows.flatMap(({ server_id, tenant_id, provider, address, changed_at }) =>
    provider in providers
      ? [
          {
            serverId: server_id,
            tenantId: tenant_id,
            provider: provider as ProviderId,
            // Of an unknown address nothing is known to be shared.
            network: address === null ? server_id : networkOf(address),
            beganAt: 0,
            changedAt: changed_at === null ? null : new Date(changed_at).getTime(),
          },
        ]
      : [],
  );
}

/** How often the same began before, each server by itself, and since when it could have. */
async function readBaseline(
  tx: Transaction,
  { category, provider, at }: { category: ReplyCategory; provider: ProviderId; at: Date },
): Promise<{ beginnings: number; days: number }> {
  const from = new Date(at.getTime() - baselineDays * dayMs);
  const until = new Date(at.getTime() - sightMs);
  const { rows } = await tx.execute<{ beginnings: number; days: number }>(sql`select
      (select count(*)::integer from check_findings where server_id is not null and part_of is null
        and (key = ${`${deliveryFindingPrefix}${category} ${provider}`} or key like ${`${deliveryFindingPrefix}${category} ${provider} %`})
        and opened_at between ${from}::timestamptz and ${until}::timestamptz) as beginnings,
      greatest(1, least(${baselineDays}::integer, extract(day from ${at}::timestamptz - min(created_at))))::integer as days
    from servers`);
  return rows[0] ?? { beginnings: 0, days: 1 };
}

async function fold(tx: Transaction, members: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const events = await tx
    .select({ id: checkFindings.id, key: checkFindings.key })
    .from(checkFindings)
    .where(and(isNull(checkFindings.closedAt), like(checkFindings.key, `${fleetFindingPrefix}%`)));
  const folded = events.flatMap(({ id, key }) =>
    (members.get(key) ?? []).map((memberId) => ({ memberId, id })),
  );
  await tx
    .update(checkFindings)
    .set({ partOf: null })
    .where(
      and(
        isNotNull(checkFindings.partOf),
        isNull(checkFindings.closedAt),
        folded.length === 0
          ? undefined
          : sql`${checkFindings.id} <> all(${sql.param(folded.map(({ memberId }) => memberId))}::uuid[])`,
      ),
    );
  for (const { id } of events) {
    const ids = folded.filter((one) => one.id === id).map(({ memberId }) => memberId);
    if (ids.length > 0)
      await tx.update(checkFindings).set({ partOf: id }).where(inArray(checkFindings.id, ids));
  }
}
