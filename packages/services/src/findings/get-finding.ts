import { certificateFindingPrefix } from "@mailstead/core/certificates";
import { actionOf, type FindingAction, type FindingRecheck, recheckOf } from "@mailstead/core/finding-kinds";
import { measureFindingPrefix } from "@mailstead/core/measures";
import { checkFindings, measures, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNull, ne } from "drizzle-orm";
import { z } from "zod";
import { accountOrderKey, readWaitingOrders, type WaitingOrder } from "../accounts/index.ts";
import { type FindingSubject, findingSubject } from "../checks/index.ts";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { type FindingLine, lineOf } from "./finding-line.ts";
import { type FindingEvent, readHistory } from "./read-history.ts";
import { type MeasureServer, readMeasureServers } from "./read-measure-servers.ts";
import { type FindingRow, readRows } from "./read-open-rows.ts";

const findingInput = z.object({ findingId: z.uuid() });

export interface FindingPage extends FindingLine {
  /** What makes it the same one in two looks. */
  readonly key: string;
  /** What one press does about it; null once it is settled, and where all that is to be done is on another page. */
  readonly action: FindingAction | null;
  /** Of an account: what its server was told to do with it and has yet to do. */
  readonly waitingOrder: WaitingOrder | null;
  /** What is looked at again, and when it is over. */
  readonly recheck: FindingRecheck;
  /** Of a domain's certificate, the server that holds it; of what a server's finding offers, the server itself. */
  readonly serverId: string | null;
  /** The measure in force that it tells of. */
  readonly measureId: string | null;
  /** Of an event of many servers: those that the person may see, by their names. */
  readonly servers: readonly { readonly id: string; readonly name: string; readonly tenantId: string }[];
  /** On which of them, or of the finding's own, the measure that fits may be started. */
  readonly measureServers: readonly MeasureServer[];
  /** Others of which the same is open, as of domains that share a host. */
  readonly sharedBy: readonly { readonly id: string; readonly subject: FindingSubject }[];
  /** What became of it, the newest first. */
  readonly history: readonly FindingEvent[];
}

const sharedMax = 20;

/** One finding of whatever kind, open or settled, with all that is known of it. Throws `not-found`. */
export function getFinding(ctx: ServiceContext, input: z.input<typeof findingInput>): Promise<FindingPage> {
  const { findingId } = parseInput(findingInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await readRows(tx, eq(checkFindings.id, findingId));
    if (row === undefined) throw new ServiceError("not-found", "There is no such finding.");
    const line = lineOf(row);
    const isOpen = row.closedAt === null;
    const struckIds = line.details.fleet?.serverIds ?? [];
    const { serverId, domainId } = row;
    const { measure } = line.details.fix;
    return {
      ...line,
      key: row.key,
      partOf: await readVisible(tx, line.partOf),
      action: isOpen ? actionOf(row.key) : null,
      waitingOrder: isOpen ? await readWaitingOrder(tx, row) : null,
      recheck: recheckOf(row.key),
      serverId: serverId ?? (await readCertificateServer(tx, row)),
      measureId: isOpen ? await readMeasureInForce(tx, row) : null,
      servers: await readStruck(tx, struckIds),
      measureServers:
        measure === null || !isOpen
          ? []
          : await readMeasureServers(tx, { serverId, domainId, struckIds }, measure),
      sharedBy: isOpen ? await readShared(tx, row) : [],
      history: await readHistory(tx, row),
    };
  });
}

async function readWaitingOrder(
  tx: Transaction,
  { key, serverId }: FindingRow,
): Promise<WaitingOrder | null> {
  const action = actionOf(key);
  if (serverId === null || action === null || !("address" in action)) return null;
  const orders = await readWaitingOrders(tx, [serverId]);
  return orders.get(accountOrderKey(serverId, action.address)) ?? null;
}

/** Of an event that the person does not see, nothing is told. */
async function readVisible(tx: Transaction, findingId: string | null): Promise<string | null> {
  if (findingId === null) return null;
  const [row] = await tx
    .select({ id: checkFindings.id })
    .from(checkFindings)
    .where(eq(checkFindings.id, findingId));
  return row?.id ?? null;
}

async function readStruck(tx: Transaction, ids: readonly string[]) {
  if (ids.length === 0) return [];
  return tx
    .select({ id: servers.id, name: servers.name, tenantId: servers.tenantId })
    .from(servers)
    .where(inArray(servers.id, [...ids]))
    .orderBy(servers.name);
}

/** The key of a certificate's finding ends with the name of the server that holds it. */
async function readCertificateServer(tx: Transaction, { key, tenantId }: FindingRow): Promise<string | null> {
  const name = / on (.+)$/.exec(key)?.[1];
  if (!key.startsWith(certificateFindingPrefix) || name === undefined || tenantId === null) return null;
  const rows = await tx
    .select({ id: servers.id, name: servers.name })
    .from(servers)
    .where(eq(servers.tenantId, tenantId));
  return rows.find((server) => server.name.toLowerCase() === name)?.id ?? null;
}

async function readMeasureInForce(tx: Transaction, { key, serverId }: FindingRow): Promise<string | null> {
  if (!key.startsWith(measureFindingPrefix) || serverId === null) return null;
  const provider = key.split(" ").at(-1);
  const rows = await tx
    .select({
      id: measures.id,
      provider: measures.provider,
      kind: measures.kind,
      isAutomatic: measures.isAutomatic,
    })
    .from(measures)
    .where(and(eq(measures.serverId, serverId), isNull(measures.endedAt)))
    .orderBy(asc(measures.startedAt));
  const own = rows.filter((one) => one.provider === provider);
  const about = key.startsWith(`${measureFindingPrefix}fallback `)
    ? own.find(({ isAutomatic }) => isAutomatic)
    : own.find(({ kind }) => key.includes(` ${kind} `));
  return about?.id ?? null;
}

async function readShared(tx: Transaction, { id, key, sentence }: FindingRow) {
  const rows = await readRows(
    tx,
    and(isNull(checkFindings.closedAt), eq(checkFindings.sentence, sentence), ne(checkFindings.id, id)),
  );
  return rows
    .filter((row) => row.key.split(" ")[0] === key.split(" ")[0])
    .slice(0, sharedMax)
    .map((row) => ({ id: row.id, subject: findingSubject(row) }));
}
