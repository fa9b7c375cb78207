import { createHash } from "node:crypto";
import { z } from "zod";
import { readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { agentPaths } from "../platform/paths.ts";

/** SHA-256, hex, of what Mailstead last wrote to each path; what differs from it was edited by hand. */
export type AppliedDigests = Readonly<Record<string, string>>;

const schema = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** Reads what was last written; empty on a host where nothing was. Throws when the record is damaged. */
export async function readAppliedDigests(host: Host): Promise<AppliedDigests> {
  const text = await readTextIfExists(host.path(agentPaths.appliedDigests));
  return text === null ? {} : schema.parse(JSON.parse(text));
}

/** Records writes (a digest) and removals (null), durably. */
export async function recordAppliedDigests(
  host: Host,
  changes: Readonly<Record<string, string | null>>,
): Promise<void> {
  const digests: Record<string, string> = { ...(await readAppliedDigests(host)) };
  for (const [path, digest] of Object.entries(changes)) {
    if (digest === null) delete digests[path];
    else digests[path] = digest;
  }
  await writeFileAtomically(host.path(agentPaths.appliedDigests), `${JSON.stringify(digests, null, 1)}\n`, {
    mode: 0o600,
  });
}

export function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
