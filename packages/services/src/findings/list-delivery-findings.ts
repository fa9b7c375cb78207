import { domainToUnicode } from "node:url";
import { waitingFindingPrefix } from "@mailstead/core/checks";
import type { FindingSeverity } from "@mailstead/core/dns";
import { type FindingDetails, fleetFindingPrefix } from "@mailstead/core/findings";
import { ruleFindingPrefix } from "@mailstead/core/sender-rules";
import { verdictFindingPrefix } from "@mailstead/core/verdicts";
import { checkFindings, domainServers, servers, type Transaction } from "@mailstead/db";
import { and, eq, inArray, isNull, or } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { type MeasureServer, readMeasureServers } from "./read-measure-servers.ts";
import { readOpenRows } from "./read-open-rows.ts";

/**
 * What a finding tells of: answers of receivers, mail that waits for one, many servers at once, a rule for senders, or the
 * server's own filter.
 */
export type FindingTopic = "answers" | "waiting" | "fleet" | "rule" | "own-spam";

/** A finding about what harms delivery, as lists show it. */
export interface DeliveryFindingLine {
  readonly id: string;
  readonly severity: FindingSeverity;
  readonly sentence: string;
  readonly topic: FindingTopic;
  readonly subject: {
    readonly kind: "server" | "domain" | "organisation";
    readonly id: string;
    readonly name: string;
  };
  /** Null for the whole organisation. */
  readonly tenantName: string | null;
  readonly details: FindingDetails | null;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  /** The event of many servers that it is a part of. */
  readonly partOf: string | null;
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
  readonly snoozedUntil: Date | null;
}

const listInput = z.object({ serverId: z.uuid().optional(), domainId: z.uuid().optional() });

/**
 * What receivers hold against the organisation's mail now: events of many servers first, then errors, the oldest first. Of
 * a server or a domain everything, of a domain also what is held against its servers; else without what is part of an event and what is snoozed.
 */
export function listDeliveryFindings(
  ctx: ServiceContext,
  input: z.input<typeof listInput>,
): Promise<readonly DeliveryFindingLine[]> {
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

const findingInput = z.object({ findingId: z.uuid() });

export interface DeliveryFindingPage extends DeliveryFindingLine {
  /** Of an event of many servers: those that the person may see, by their names. */
  readonly servers: readonly { readonly id: string; readonly name: string; readonly tenantId: string }[];
  /** On which of them, or of the finding's own, the measure that fits may be started. */
  readonly measureServers: readonly MeasureServer[];
}

/** One finding about deliveries, open or closed, with all that is known of it. Throws `not-found`. */
export function getDeliveryFinding(
  ctx: ServiceContext,
  input: z.input<typeof findingInput>,
): Promise<DeliveryFindingPage> {
  const { findingId } = parseInput(findingInput, input);
  return withTransaction(ctx, async (tx) => {
    const row = await findRow(tx, findingId);
    const ids = row.details?.fleet?.serverIds ?? [];
    const struck =
      ids.length === 0
        ? []
        : await tx
            .select({ id: servers.id, name: servers.name, tenantId: servers.tenantId })
            .from(servers)
            .where(inArray(servers.id, [...ids]))
            .orderBy(servers.name);
    const { serverId, domainId } = row;
    const measure = row.details?.fix.measure ?? null;
    return {
      ...lineOf(row),
      servers: struck,
      measureServers:
        measure === null || row.closedAt !== null
          ? []
          : await readMeasureServers(tx, { serverId, domainId, struckIds: ids }, measure),
    };
  });
}

/** The row of a finding about deliveries. Throws `not-found`. */
async function findRow(tx: Transaction, findingId: string) {
  const [row] = await readOpenRows(tx, eq(checkFindings.id, findingId));
  if (row === undefined) throw new ServiceError("not-found", "There is no such finding.");
  return row;
}

type Row = Awaited<ReturnType<typeof readOpenRows>>[number];

/** Who sees one customer alone does not see the event, and so sees the finding itself. */
function isFolded({ partOf }: Row, rows: readonly Row[]): boolean {
  return partOf !== null && rows.some(({ id }) => id === partOf);
}

function weightOf({ key, severity }: Row): number {
  return (key.startsWith(fleetFindingPrefix) ? 0 : 10) + (severity === "error" ? 0 : 1);
}

function lineOf(row: Row): DeliveryFindingLine {
  const { serverId, serverName, domainId, domainName, tenantId: _tenant, key, ...rest } = row;
  return {
    ...rest,
    topic: topicOf(key),
    subject: subjectOf({ serverId, serverName, domainId, domainName, id: row.id }),
  };
}

function topicOf(key: string): FindingTopic {
  if (key.startsWith(fleetFindingPrefix)) return "fleet";
  if (key.startsWith(ruleFindingPrefix)) return "rule";
  if (key.startsWith(waitingFindingPrefix)) return "waiting";
  return key.startsWith(verdictFindingPrefix) ? "own-spam" : "answers";
}

function subjectOf(
  row: Pick<Row, "id" | "serverId" | "serverName" | "domainId" | "domainName">,
): DeliveryFindingLine["subject"] {
  if (row.domainId !== null)
    return { kind: "domain", id: row.domainId, name: domainToUnicode(row.domainName ?? "") };
  if (row.serverId !== null) return { kind: "server", id: row.serverId, name: row.serverName ?? "" };
  return { kind: "organisation", id: row.id, name: "" };
}
