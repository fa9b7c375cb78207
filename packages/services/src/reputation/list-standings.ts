import { type ProviderId, providers } from "@mailstead/core/delivery";
import { type Reputation, type ReputationEvidence, reputationOrder } from "@mailstead/core/reputation";
import { domains, reputationDays, servers, type Transaction, tenants } from "@mailstead/db";
import { and, eq, isNotNull, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { readProvider } from "../delivery/read-counts.ts";
import { lastJudgedDay } from "./get-fleet-reputation.ts";

const standingsInput = z.object({
  of: z.enum(["servers", "domains"]).default("servers"),
  search: z.string().max(200).optional(),
  tenantId: z.uuid().optional(),
  /** `other` for all receivers that no other domain shares. */
  provider: z.enum([...(Object.keys(providers) as [ProviderId, ...ProviderId[]]), "other"]).optional(),
  /** How many rows lie before the page. */
  cursor: z
    .string()
    .regex(/^\d{1,6}$/)
    .optional(),
  limit: z.int().min(1).max(500).default(100),
});

/** How a sender stands with one receiver. */
export interface Standing {
  readonly provider: ProviderId | null;
  readonly reputation: Reputation;
  readonly since: Date;
  readonly reason: ReputationEvidence["code"] | null;
  /** Messages that it rests on. */
  readonly messages: number;
}

/** A server or a domain, and how receivers take its mail. */
export interface StandingRow {
  readonly id: string;
  readonly name: string;
  readonly tenantName: string;
  /** Worst first; each receiver once, by the worse of several addresses. */
  readonly standings: readonly [Standing, ...Standing[]];
  readonly messages: number;
}

export interface StandingPage {
  readonly rows: readonly StandingRow[];
  readonly total: number;
  readonly nextCursor: string | null;
}

/** Servers or domains by how receivers take their mail, the worst first. Who sent nothing for a week is left out. */
export async function listStandings(
  ctx: ServiceContext,
  input: z.input<typeof standingsInput> = {},
): Promise<StandingPage> {
  const { of, search = "", tenantId, provider, cursor = "0", limit } = parseInput(standingsInput, input);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const judged = await withTransaction(ctx, (tx) => readJudged(tx, { of, tenantId }));
  const rows = [...Map.groupBy(judged, ({ id }) => id).values()]
    .filter(([first]) => words.every((word) => first?.sought.includes(word)))
    .flatMap((own) =>
      rowOf(provider === undefined ? own : own.filter((one) => (one.provider ?? "other") === provider)),
    )
    .sort(worstFirst);
  const start = Number(cursor);
  const end = start + limit;
  return {
    rows: rows.slice(start, end),
    total: rows.length,
    nextCursor: end < rows.length ? String(end) : null,
  };
}

interface Judged extends Standing {
  readonly id: string;
  readonly name: string;
  readonly tenantName: string;
  readonly sought: string;
}

async function readJudged(
  tx: Transaction,
  { of, tenantId }: { of: "servers" | "domains"; tenantId: string | undefined },
): Promise<readonly Judged[]> {
  const subject = of === "servers" ? servers : domains;
  const id = of === "servers" ? reputationDays.serverId : reputationDays.domainId;
  const hostname = of === "servers" ? servers.hostname : sql<string>`''`;
  const rows = await tx
    .select({
      id: subject.id,
      name: subject.name,
      hostname,
      address: reputationDays.address,
      tenantName: tenants.name,
      provider: reputationDays.provider,
      reputation: reputationDays.reputation,
      since: reputationDays.since,
      reason: reputationDays.reason,
      messages: reputationDays.judgedMessages,
    })
    .from(reputationDays)
    .innerJoin(subject, eq(subject.id, id))
    .innerJoin(tenants, eq(tenants.id, reputationDays.tenantId))
    .where(
      and(
        isNotNull(id),
        eq(reputationDays.day, lastJudgedDay),
        tenantId === undefined ? undefined : eq(reputationDays.tenantId, tenantId),
      ),
    );
  return rows.map(({ hostname: host, address, provider, ...row }) => ({
    ...row,
    provider: readProvider(provider),
    sought: `${row.name} ${host} ${address} ${row.tenantName}`.toLowerCase(),
  }));
}

function rowOf(own: readonly Judged[]): StandingRow[] {
  const byProvider = [...Map.groupBy(own, ({ provider }) => provider).values()].flatMap((judged) => {
    const [worst] = judged.toSorted(worseStanding);
    if (worst === undefined) return [];
    const { provider, reputation, since, reason } = worst;
    return [{ provider, reputation, since, reason, messages: sum(judged) }];
  });
  const [first, ...others] = byProvider.toSorted(worseStanding);
  const [any] = own;
  if (first === undefined || any === undefined) return [];
  const { id, name, tenantName } = any;
  return [{ id, name, tenantName, standings: [first, ...others], messages: sum(own) }];
}

const sum = (judged: readonly Judged[]): number =>
  judged.reduce((total, { messages }) => total + messages, 0);
const place = ({ reputation }: Standing): number => reputationOrder.indexOf(reputation);

function worseStanding(a: Standing, b: Standing): number {
  return place(a) - place(b) || b.messages - a.messages;
}

/** At as many receivers as badly, then whose mail is more. */
function worstFirst(a: StandingRow, b: StandingRow): number {
  const bad = (row: StandingRow) =>
    row.standings.filter((one) => place(one) === place(row.standings[0])).length;
  return (
    place(a.standings[0]) - place(b.standings[0]) ||
    bad(b) - bad(a) ||
    b.messages - a.messages ||
    a.name.localeCompare(b.name)
  );
}
