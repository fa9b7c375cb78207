import { rm } from "node:fs/promises";
import { loadLedger } from "../journal/journal.ts";
import { removeFile } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";
import { type Identity, writeIdentity } from "./identity.ts";

/**
 * Makes this host the server that its enrolment named. Orders, copies and target states of another server, as a copied
 * host brings them along, are forgotten first: their numbers would refuse the new server's orders, and what of them was
 * accepted would still run. Enrolled again as the same server, the host goes on knowing what it has accepted.
 */
export async function adoptIdentity(host: Host, identity: Identity): Promise<void> {
  const { ledger } = loadLedger(host.path(agentPaths.journal));
  if (ledger.highWater.serverId !== identity.serverId)
    for (const path of [agentPaths.journal, agentPaths.targets, agentPaths.backups])
      await rm(host.path(path), { recursive: true, force: true });
  // A new identity starts its own count of sessions.
  await removeFile(host.path(agentPaths.sessionCounter));
  // Last, since with it the agent begins to obey.
  await writeIdentity(host.path(agentPaths.identity), identity);
}
