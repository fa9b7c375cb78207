import type { RenderedFile } from "@mailstead/core/converge";
import { renderStack } from "@mailstead/core/mail-flow";
import { type Suite, suiteSchema } from "@mailstead/core/servers";
import { servers } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";
import { bullets } from "./refuse-unrenderable.ts";
import { readTargetState } from "./target-state-store.ts";

const previewInstallInput = z.object({
  serverId: z.uuid(),
  /** Asked for before the host has told which it is. */
  suite: suiteSchema.optional(),
});

export interface InstallPreview {
  suite: Suite;
  targetRevision: number;
  packages: readonly string[];
  files: RenderedFile[];
  folders: readonly string[];
  units: readonly string[];
  dkimKeys: readonly { domain: string; selector: string; algorithm: string }[];
}

/**
 * Every package and file that an install will bring, by the function that the agent runs. Secrets are shown as bullets.
 * Throws `not-found`, and `precondition-failed` when neither the host nor the input says which Debian it is.
 */
export async function previewInstall(
  ctx: ServiceContext,
  input: z.input<typeof previewInstallInput>,
): Promise<InstallPreview> {
  const { serverId, suite: wanted } = parseInput(previewInstallInput, input);
  const { state, suite } = await withTransaction(ctx, async (tx) => {
    const [server] = await tx
      .select({ id: servers.id, targetRevision: servers.targetRevision, facts: servers.facts })
      .from(servers)
      .where(eq(servers.id, serverId));
    if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
    return { ...(await readTargetState(tx, server)), suite: server.facts?.suite ?? wanted };
  });
  if (suite === undefined)
    throw new ServiceError("precondition-failed", "The host has not told its Debian version yet.");
  const rendered = renderStack(state, { suite, openSecret: () => bullets });
  return {
    suite,
    targetRevision: state.revision,
    packages: rendered.packages,
    files: [...rendered.files].sort((left, right) => left.path.localeCompare(right.path)),
    folders: rendered.folders.map((folder) => folder.path),
    units: rendered.units.map(({ unit }) => unit),
    dkimKeys: rendered.dkimKeys.map(({ domain, selector, algorithm }) => ({ domain, selector, algorithm })),
  };
}
