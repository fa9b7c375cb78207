import { maskedDiff, type RenderedFile, type RenderedStack, unifiedDiff } from "@mailstead/core/converge";
import type { DriftEntry } from "@mailstead/core/servers";
import { cutText } from "@mailstead/core/text";
import { digestOf, readAppliedDigests } from "../apply/applied-digests.ts";
import { readTextIfExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

const entriesMax = 200;
const diffMaxLength = 65_536;
// All of them travel in one frame, beside the keys.
const diffsMaxBytes = 300_000;

/**
 * What was changed by hand since Mailstead last wrote it, as diffs from ours to what stands there; credentials are
 * masked. A file that Mailstead never wrote is not its own and cannot drift.
 */
export async function findDrift(host: Host, stack: RenderedStack): Promise<DriftEntry[]> {
  const digests = await readAppliedDigests(host);
  const entries: DriftEntry[] = [];
  let room = diffsMaxBytes;
  for (const file of stack.files) {
    const applied = digests[file.path];
    if (applied === undefined || entries.length >= entriesMax) continue;
    const content = await readTextIfExists(host.path(file.path));
    if (content !== null && digestOf(content) === applied) continue;
    const diff = diffOf(file, { applied, content });
    const isShown = Buffer.byteLength(diff) <= room;
    if (isShown) room -= Buffer.byteLength(diff);
    entries.push({
      path: file.path,
      kind: content === null ? "missing" : "changed",
      diff: isShown
        ? cutText(diff, diffMaxLength)
        : withoutText(file.path, "too much differs on this host to show it"),
    });
  }
  return entries;
}

/**
 * Files that a converge would write otherwise than they were written last, or take away: what an update of the agent renders
 * anew. What was edited by hand is drift, and no part of it.
 */
export async function findPending(host: Host, stack: RenderedStack): Promise<string[]> {
  const digests = await readAppliedDigests(host);
  const wanted = new Map(stack.files.map(({ path, content }) => [path, digestOf(content)]));
  const pending: string[] = [];
  for (const path of new Set([...wanted.keys(), ...Object.keys(digests)])) {
    const [to, applied] = [wanted.get(path) ?? null, digests[path] ?? null];
    if (to === applied) continue;
    const content = await readTextIfExists(host.path(path));
    const found = content === null ? null : digestOf(content);
    // A file that is there as it ought to be, and of which nothing was noted, is written by nobody either.
    if (found !== to && (applied === null || found === applied)) pending.push(path);
  }
  return pending.toSorted().slice(0, entriesMax);
}

function diffOf(
  file: RenderedFile,
  { applied, content }: { applied: string; content: string | null },
): string {
  if (file.isSecret) return maskedDiff(file.path, "", content);
  // Only the digest is left of a text that we would write differently now.
  if (digestOf(file.content) !== applied)
    return withoutText(file.path, "it was edited by hand, and the next converge would write it anew anyway");
  return unifiedDiff(file.path, file.content, content);
}

function withoutText(path: string, reason: string): string {
  return `--- ${path}\n+++ ${path}\n@@ ${reason} @@\n`;
}
