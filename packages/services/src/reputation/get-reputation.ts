import { type ProviderId, providers, readProvider } from "@mailstead/core/delivery";
import type { Reputation, ReputationEvidence } from "@mailstead/core/reputation";
import { domains, reputationDays, servers, type Transaction } from "@mailstead/db";
import { and, eq, gte, type SQL } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { type DaysAtReceiver, daysBefore, lastJudgedDay, readCells } from "./get-fleet-reputation.ts";
import { sendingAddress } from "./sender-scope.ts";

// A map shows a course, so it begins before the time that the figures are of.
const days = { day: 30, week: 30, month: 30, quarter: 90 } as const;
const span = z.enum(["day", "week", "month", "quarter"]).default("week");
const domainInput = z.object({ domainId: z.uuid(), span });
const serverInput = z.object({
  serverId: z.uuid(),
  address: sendingAddress.optional(),
  span,
});

/** How one address, or the domain, stands with one receiver now. */
export interface SenderStanding {
  /** '' where it is not known from which address a server sent, and of a domain. */
  readonly address: string;
  readonly provider: ProviderId | null;
  readonly reputation: Reputation;
  readonly since: Date;
  readonly evidence: readonly ReputationEvidence[];
  readonly messages: number;
}

/** A time in which a receiver thought the same of a sender; of several addresses, of the worse. */
export interface SenderReputation {
  readonly days: readonly string[];
  readonly receivers: readonly { readonly provider: ProviderId | null; readonly title: string | null }[];
  readonly cells: readonly DaysAtReceiver[];
  readonly standings: readonly SenderStanding[];
}

/** How receivers took a domain's mail day by day, and how it stands with each now. Throws `not-found`. */
export function getDomainReputation(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<SenderReputation> {
  const { domainId, span: wanted } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const [domain] = await tx.select({ id: domains.id }).from(domains).where(eq(domains.id, domainId));
    if (domain === undefined) throw new ServiceError("not-found", "There is no such domain.");
    return readReputation(tx, {
      where: eq(reputationDays.domainId, domainId),
      days: daysBefore(ctx.now(), days[wanted]),
    });
  });
}

/** The same of a server, address by address, or of one of them. Throws `not-found`. */
export function getServerReputation(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<SenderReputation> {
  const { serverId, address, span: wanted } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const [server] = await tx.select({ id: servers.id }).from(servers).where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    return readReputation(tx, {
      where: and(
        eq(reputationDays.serverId, serverId),
        address === undefined ? undefined : eq(reputationDays.address, address),
      ),
      days: daysBefore(ctx.now(), days[wanted]),
    });
  });
}

async function readReputation(
  tx: Transaction,
  asked: { where: SQL | undefined; days: readonly string[] },
): Promise<SenderReputation> {
  const cells = await readCells(tx, { from: asked.days[0] ?? "", where: asked.where });
  const rows = await tx
    .select({
      address: reputationDays.address,
      provider: reputationDays.provider,
      reputation: reputationDays.reputation,
      since: reputationDays.since,
      evidence: reputationDays.evidence,
      messages: reputationDays.judgedMessages,
    })
    .from(reputationDays)
    .where(
      and(asked.where, eq(reputationDays.day, lastJudgedDay), gte(reputationDays.day, asked.days[0] ?? "")),
    );
  const byProvider = [...Map.groupBy(cells, ({ provider }) => provider)]
    .map(([provider, own]) => ({ provider, messages: own.reduce((sum, { messages }) => sum + messages, 0) }))
    .sort((a, b) => b.messages - a.messages);
  return {
    days: asked.days,
    receivers: byProvider.map(({ provider }) => ({
      provider,
      title: provider === null ? null : providers[provider].title,
    })),
    cells,
    standings: rows.map((row) => ({ ...row, provider: readProvider(row.provider) })),
  };
}
