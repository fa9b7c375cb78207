import { jobCatalog } from "@mailstead/core/jobs";
import { directoryChanges, type Transaction, targetStates } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import type { JobRow } from "./advance-job.ts";

/**
 * Says why an order must not be signed, or null when it may. Job rows are written by use cases alone: the gateway's
 * role cannot. A converge or a sync also names what others carry, and is signed only for what was recorded.
 */
export async function unfoundedOrder(
  tx: Transaction,
  job: Pick<JobRow, "serverId" | "verb" | "args">,
): Promise<string | null> {
  switch (job.verb) {
    case "converge":
    case "preview":
      return unrecordedTarget(tx, job);
    case "sync-directory":
      return unrecordedDirectory(tx, job);
    default:
      return null;
  }
}

async function unrecordedTarget(
  tx: Transaction,
  { serverId, args }: Pick<JobRow, "serverId" | "args">,
): Promise<string | null> {
  const wanted = jobCatalog.preview.args.safeParse(args);
  if (!wanted.success) return "its arguments name no target state";
  const [found] = await tx
    .select({ digest: targetStates.digest })
    .from(targetStates)
    .where(and(eq(targetStates.serverId, serverId), eq(targetStates.revision, wanted.data.targetRevision)));
  return found?.digest === wanted.data.targetDigest ? null : "its target state was never recorded";
}

async function unrecordedDirectory(
  tx: Transaction,
  { serverId, args }: Pick<JobRow, "serverId" | "args">,
): Promise<string | null> {
  const wanted = jobCatalog["sync-directory"].args.safeParse(args);
  if (!wanted.success) return "its arguments name no directory";
  const { epoch, revision, chain } = wanted.data;
  if (revision === 0) return chain === "" ? null : "its directory is empty and has a chain";
  const [found] = await tx
    .select({ chain: directoryChanges.chain })
    .from(directoryChanges)
    .where(
      and(
        eq(directoryChanges.serverId, serverId),
        eq(directoryChanges.epoch, epoch),
        eq(directoryChanges.revision, revision),
      ),
    );
  return found?.chain === chain ? null : "its directory was never recorded";
}
