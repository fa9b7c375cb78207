import { fleetFindingPrefix } from "@mailstead/core/findings";
import { checkFindings, domainServers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, or } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { type FindingLine, lineOf } from "./finding-line.ts";
import { type FindingRow, readOpenRows } from "./read-open-rows.ts";

const listInput = z.object({ serverId: z.uuid().optional(), domainId: z.uuid().optional() });

/**
 * What receivers hold against the organisation's mail now: events of many servers first, then errors, the oldest first. Of
 * a server or a domain everything, of a domain also what is held against its servers; else without what is part of an event and what is snoozed.
 */
export function listDeliveryFindings(
  ctx: ServiceContext,
  input: z.input<typeof listInput>,
): Promise<readonly FindingLine[]> {
  const { serverId, domainId } = parseInput(listInput, input);
  const now = ctx.now();
  return withTransaction(ctx, async (tx) => {
    const rows = await readOpenRows(
      tx,
      and(
        isNull(checkFindings.closedAt),
        serverId === undefined ? undefined : eq(checkFindings.serverId, serverId),
        domainId === undefined ? undefined : isOfDomain(tx, domainId),
      ),
    );
    const isOfAll = serverId === undefined && domainId === undefined;
    return rows
      .filter(
        (row) => !isOfAll || (!isFolded(row, rows) && (row.snoozedUntil === null || row.snoozedUntil <= now)),
      )
      .sort((a, b) => weightOf(a) - weightOf(b))
      .map(lineOf);
  });
}

/** Receivers refuse a domain's mail for the addresses of its servers too. */
function isOfDomain(tx: Transaction, domainId: string) {
  return or(
    eq(checkFindings.domainId, domainId),
    inArray(
      checkFindings.serverId,
      tx
        .select({ id: domainServers.serverId })
        .from(domainServers)
        .where(eq(domainServers.domainId, domainId)),
    ),
  );
}

type Row = FindingRow;

/** Who sees one customer alone does not see the event, and so sees the finding itself. */
function isFolded({ partOf }: Row, rows: readonly Row[]): boolean {
  return partOf !== null && rows.some(({ id }) => id === partOf);
}

function weightOf({ key, severity }: Row): number {
  return (key.startsWith(fleetFindingPrefix) ? 0 : 10) + (severity === "error" ? 0 : 1);
}
