import {
  judgeReboot,
  type OutdatedUnit,
  type RebootReason,
  type WaitingUpdate,
} from "@mailstead/core/updates";
import { serverInventories, serverPackages, serverUpdates } from "@mailstead/db";
import { asc, count, desc, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { requireServer } from "./require-server.ts";

const inventoryInput = z.object({ serverId: z.uuid() });

/** What software a server has, beside the list of its packages. */
export interface ServerInventory {
  readonly toldAt: Date;
  readonly agentVersion: string;
  readonly runningKernel: string;
  /** Null where the kernel is not the host's own. */
  readonly newestKernel: string | null;
  /** Why it is to be restarted; empty where it need not be. */
  readonly rebootReasons: readonly RebootReason[];
  /** Units that still run what was replaced. */
  readonly outdatedUnits: readonly OutdatedUnit[];
  readonly packageCount: number;
  /** How many are installed beyond those that are known by name. */
  readonly untoldPackages: number;
  /** Security first. */
  readonly updates: readonly WaitingUpdate[];
  /** False where apt could not say when it was last asked. */
  readonly areUpdatesKnown: boolean;
  /** Why CVEs and urgency are not known of all that waits; null where they are. */
  readonly changelogsSentence: string | null;
}

/** What a server has told of its software; null before it has. Throws `not-found`. */
export async function getServerInventory(
  ctx: ServiceContext,
  input: z.input<typeof inventoryInput>,
): Promise<ServerInventory | null> {
  const { serverId } = parseInput(inventoryInput, input);
  return withTransaction(ctx, async (tx) => {
    await requireServer(tx, serverId);
    const [told] = await tx.select().from(serverInventories).where(eq(serverInventories.serverId, serverId));
    if (told === undefined) return null;
    const [packages] = await tx
      .select({ count: count() })
      .from(serverPackages)
      .where(eq(serverPackages.serverId, serverId));
    const updates = await tx
      .select()
      .from(serverUpdates)
      .where(eq(serverUpdates.serverId, serverId))
      .orderBy(desc(serverUpdates.isSecurity), asc(serverUpdates.name), asc(serverUpdates.architecture));
    return {
      toldAt: told.toldAt,
      agentVersion: told.agentVersion,
      runningKernel: told.runningKernel,
      newestKernel: told.newestKernel,
      rebootReasons: judgeReboot({ ...told, rebootPackages: [...told.rebootPackages] }),
      outdatedUnits: told.outdatedUnits,
      packageCount: packages?.count ?? 0,
      untoldPackages: told.untoldPackages,
      updates: updates.map(updateOf),
      areUpdatesKnown: told.areUpdatesKnown,
      changelogsSentence: told.changelogsSentence,
    };
  });
}

function updateOf({
  name,
  architecture,
  fromVersion,
  toVersion,
  ...row
}: typeof serverUpdates.$inferSelect): WaitingUpdate {
  const { origin, isSecurity, urgency, cves, sourceName } = row;
  return {
    name,
    architecture: architecture as WaitingUpdate["architecture"],
    from: fromVersion,
    to: toVersion,
    origin,
    isSecurity,
    urgency,
    cves,
    sourceName,
  };
}
