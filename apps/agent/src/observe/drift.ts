import { maskedDiff, type RenderedStack, unifiedDiff } from "@mailstead/core/converge";
import type { DriftEntry } from "@mailstead/core/servers";
import { digestOf, readAppliedDigests } from "../apply/applied-digests.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

const entriesMax = 200;
const diffMaxLength = 65_536;

/**
 * What was changed by hand since Mailstead last wrote it, as diffs from ours to what stands there; credentials are
 * masked. A file that Mailstead never wrote is not its own and cannot drift.
 */
export async function findDrift(host: Host, stack: RenderedStack): Promise<DriftEntry[]> {
  const digests = await readAppliedDigests(host);
  const entries: DriftEntry[] = [];
  for (const file of stack.files) {
    const applied = digests[file.path];
    if (applied === undefined || entries.length >= entriesMax) continue;
    const content = await readTextIfExists(host.path(file.path));
    if (content !== null && digestOf(content) === applied) continue;
    // What we wrote may be older than what we would write now; only the digest of the older text is left.
    const ours = digestOf(file.content) === applied ? file.content : null;
    const diff =
      file.isSecret || ours === null
        ? maskedDiff(file.path, "ours", content)
        : unifiedDiff(file.path, ours, content);
    entries.push({
      path: file.path,
      kind: content === null ? "missing" : "changed",
      diff: diff.slice(0, diffMaxLength),
    });
  }
  return entries;
}
