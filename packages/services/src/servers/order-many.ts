import { jobCatalog } from "@mailstead/core/jobs";
import { servers, type Transaction } from "@mailstead/db";
import { asc, sql } from "drizzle-orm";
import { z } from "zod";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { orderConverge, orderJob } from "./operate-server.ts";
import { getServerForChange } from "./server-for-change.ts";

/** What can be asked of many servers at once: nothing that is not well when it is done twice. */
const manyOrders = ["check-mail", "converge", "refresh-facts"] as const;
type ManyOrder = (typeof manyOrders)[number];

const serversMax = 20_000;
/** All of one call are ordered or none, and none waits long for the locks of the others. */
const serversAtOnceMax = 250;

const previewInput = z.object({
  order: z.enum(manyOrders),
  serverIds: z.array(z.uuid()).min(1).max(serversMax),
});
const orderInput = previewInput.extend({
  serverIds: z.array(z.uuid()).min(1).max(serversAtOnceMax, `at most ${serversAtOnceMax} servers at once`),
});

export interface OrderPreview {
  /** Servers that are connected and begin now. */
  readonly begin: number;
  /** Servers that are not; each begins when it is back, unless that takes longer than this. */
  readonly wait: number;
  readonly waitAtMostMs: number;
  /** Servers that cannot be asked, by the reason. */
  readonly refused: readonly Refused[];
  /** Were removed since they were chosen. */
  readonly gone: number;
}

export interface Refused {
  readonly because: string;
  readonly servers: number;
  /** The first by the alphabet. */
  readonly names: readonly string[];
}

/** What it came to; `begin` and `wait` are ordered. */
export type ManyOrdered = OrderPreview;

const namesMax = 5;

/** Says what an order would come to for each of these servers, and orders nothing. */
export async function previewOrders(
  ctx: ServiceContext,
  input: z.input<typeof previewInput>,
): Promise<OrderPreview> {
  requireRole(ctx, "technician");
  const { order, serverIds } = parseInput(previewInput, input);
  return withTransaction(ctx, async (tx) => {
    const { ready, refused } = await sortOut(tx, { order, serverIds });
    return summaryOf({ order, serverIds, ready, refused });
  });
}

/** Orders the same of many servers in one transaction; those that cannot be asked are told and hold up nobody. */
export async function orderMany(
  ctx: ServiceContext,
  input: z.input<typeof orderInput>,
): Promise<ManyOrdered> {
  requireRole(ctx, "technician");
  const { order, serverIds } = parseInput(orderInput, input);
  return withTransaction(ctx, async (tx) => {
    const { ready, refused } = await sortOut(tx, { order, serverIds });
    const ordered: Found[] = [];
    const late = [...refused];
    for (const server of ready) {
      const because = await orderOne(tx, ctx, { order, serverId: server.id });
      if (because === null) ordered.push(server);
      else late.push({ ...server, because });
    }
    return summaryOf({ order, serverIds, ready: ordered, refused: late });
  });
}

interface Found {
  readonly id: string;
  readonly name: string;
  readonly isOnline: boolean;
}
type RefusedOne = Found & { readonly because: string };

async function sortOut(
  tx: Transaction,
  { order, serverIds }: { order: ManyOrder; serverIds: readonly string[] },
): Promise<{ ready: Found[]; refused: RefusedOne[] }> {
  const rows = await tx
    .select({
      id: servers.id,
      name: servers.name,
      isOnline: sql<boolean>`${servers.gatewayId} is not null`,
      enrolmentState: servers.enrolmentState,
      installRequestedAt: servers.installRequestedAt,
    })
    .from(servers)
    .where(sql`${servers.id} = any(${sql.param([...serverIds])}::uuid[])`)
    // In one order, so that two who ask for the same wait for each other.
    .orderBy(asc(servers.id));
  const ready: Found[] = [];
  const refused: RefusedOne[] = [];
  for (const { enrolmentState, installRequestedAt, ...server } of rows) {
    if (enrolmentState === "awaiting-agent")
      refused.push({ ...server, because: "The agent has not called yet." });
    else if (order !== "refresh-facts" && installRequestedAt === null)
      refused.push({ ...server, because: "Not installed yet." });
    else ready.push(server);
  }
  return { ready, refused };
}

/** Null when it was ordered, else the reason in a sentence. What one server refuses takes nothing back of the others. */
async function orderOne(
  tx: Transaction,
  ctx: ServiceContext,
  { order, serverId }: { order: ManyOrder; serverId: string },
): Promise<string | null> {
  try {
    await tx.transaction(async (inner) => {
      const server = await getServerForChange(inner, serverId);
      if (order === "converge") await orderConverge(inner, ctx, { server, revertsDrift: false });
      else await orderJob(inner, ctx, { server, verb: order, args: {} });
    });
    return null;
  } catch (error) {
    if (error instanceof ServiceError && error.kind !== "internal") return error.message;
    throw error;
  }
}

function summaryOf({
  order,
  serverIds,
  ready,
  refused,
}: {
  order: ManyOrder;
  serverIds: readonly string[];
  ready: readonly Found[];
  refused: readonly RefusedOne[];
}): OrderPreview {
  const begin = ready.filter(({ isOnline }) => isOnline).length;
  return {
    begin,
    wait: ready.length - begin,
    waitAtMostMs: jobCatalog[order].deliverWithinMs,
    refused: [...Map.groupBy(refused, ({ because }) => because)].map(([because, all]) => ({
      because,
      servers: all.length,
      names: all
        .map(({ name }) => name)
        .toSorted()
        .slice(0, namesMax),
    })),
    gone: new Set(serverIds).size - ready.length - refused.length,
  };
}
