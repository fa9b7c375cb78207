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
  if (!Object.hasOwn(jobCatalog, job.verb)) return "its verb is not in the catalogue";
  if (!jobCatalog[job.verb].args.safeParse(job.args).success)
    return "its arguments are not those of its verb";
  switch (job.verb) {
    case "converge":
    case "apply-configuration":
    case "preview":
      return unrecordedTarget(tx, job);
    case "sync-directory":
      return unrecordedDirectory(tx, job);
    default:
      return null;
  }
}

// Past what an integer of Postgres holds; asking for it would fail the whole batch of the relay, not this order.
const numberMax = 2 ** 31 - 1;
const unrecordedTargetSentence = "its target state was never recorded";
const unrecordedDirectorySentence = "its directory was never recorded";

async function unrecordedTarget(
  tx: Transaction,
  { serverId, args }: Pick<JobRow, "serverId" | "args">,
): Promise<string | null> {
  const wanted = jobCatalog.preview.args.parse(args);
  if (wanted.targetRevision > numberMax) return unrecordedTargetSentence;
  const [found] = await tx
    .select({ digest: targetStates.digest })
    .from(targetStates)
    .where(and(eq(targetStates.serverId, serverId), eq(targetStates.revision, wanted.targetRevision)));
  return found?.digest === wanted.targetDigest ? null : unrecordedTargetSentence;
}

async function unrecordedDirectory(
  tx: Transaction,
  { serverId, args }: Pick<JobRow, "serverId" | "args">,
): Promise<string | null> {
  const { epoch, revision, chain } = jobCatalog["sync-directory"].args.parse(args);
  if (revision === 0) return chain === "" ? null : "its directory is empty and has a chain";
  if (Math.max(epoch, revision) > numberMax) return unrecordedDirectorySentence;
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
  return found?.chain === chain ? null : unrecordedDirectorySentence;
}
