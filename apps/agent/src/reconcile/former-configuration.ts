import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type ConvergePlan,
  type FormerFile,
  type StackService,
  stackServices,
} from "@mailstead/core/converge";
import { z } from "zod";
import { digestOf, recordAppliedDigests } from "../apply/applied-digests.ts";
import { backUp } from "../apply/back-up.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import { pathExists, readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";
import { keepTarget } from "./target-documents.ts";

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const formerSchema = z.object({
  /** The revision that came in its place; what came after that one is nobody's to take away. */
  broughtRevision: z.int().positive(),
  files: z.array(
    z.object({
      path: z.string(),
      service: z.enum(stackServices),
      isSecret: z.boolean(),
      backupPath: z.string().nullable(),
      backupDigest: digest.nullable(),
      appliedDigest: digest.nullable(),
    }),
  ),
});
/** What stood on the host before a rollout brought another configuration. */
export type FormerConfiguration = z.infer<typeof formerSchema>;

const recordName = "former.json";
/** Rollouts whose way back is kept; older ones have been lived with. */
const keptMax = 5;

export function formerFolder(formerId: string): string {
  return join(agentPaths.former, formerId);
}

/**
 * Begins to keep what stands on the host, under the rollout's id, and forgets what nobody goes back to any more. Of a rollout
 * that tries again the first record stays: it is what was there before.
 */
export async function openFormer(
  host: Host,
  { formerId, targetRevision }: { formerId: string; targetRevision: number },
): Promise<void> {
  if ((await readFormer(host, formerId)) !== null) return;
  const folder = formerFolder(formerId);
  await keepTarget(host, folder);
  await save(host, formerId, { broughtRevision: targetRevision, files: [] });
  await forgetOlder(host);
}

/** Copies the files that these steps write or remove, as far as none was kept before. They are on disk when this resolves. */
export async function keepFormer(
  host: Host,
  { formerId, plan }: { formerId: string; plan: ConvergePlan },
): Promise<void> {
  const former = await readFormer(host, formerId);
  if (former === null) throw new Error(`nothing was begun to be kept for ${formerId}`);
  const known = new Set(former.files.map(({ path }) => path));
  const touched = touchedFiles(plan).filter(({ path }) => !known.has(path));
  const copies = await backUp(host, {
    // No copy that the record names is ever written over, also where the same job begins anew and finds more to replace.
    folder: join(formerFolder(formerId), String(former.files.length)),
    paths: touched.map(({ path }) => path),
  });
  const files = copies.map(({ backupDigest = null, appliedDigest, ...copy }, at) => ({
    ...copy,
    backupDigest,
    appliedDigest,
    service: touched[at]?.service ?? "system",
    isSecret: touched[at]?.isSecret ?? true,
  }));
  await save(host, formerId, { ...former, files: [...former.files, ...files] });
}

/** What was kept; null when nothing was, or not any more. */
export async function readFormer(host: Host, formerId: string): Promise<FormerConfiguration | null> {
  const text = await readTextIfExists(host.path(join(formerFolder(formerId), recordName)));
  return text === null ? null : formerSchema.parse(parseJson(text));
}

/** The files as they stood. Throws JobFailure when a copy is not the one that was made. */
export async function readFormerFiles(host: Host, { files }: FormerConfiguration): Promise<FormerFile[]> {
  return await Promise.all(
    files.map(async ({ path, service, isSecret, backupPath, backupDigest }): Promise<FormerFile> => {
      if (backupPath === null) return { path, service, content: null };
      const copy = host.path(backupPath);
      const bytes = (await pathExists(copy)) ? await readFile(copy) : null;
      const content = bytes?.toString("utf8") ?? "";
      if (bytes === null || digestOf(bytes) !== backupDigest || digestOf(content) !== backupDigest)
        throw new JobFailure(`The copy of ${path} from before is gone or damaged. Nothing was changed.`, {
          retry: "permanent",
        });
      const { mode } = await stat(copy);
      const { owner, group } = await host.ownerOf(copy);
      return { path, service, isSecret, content, owner, group, mode: mode & 0o7777 };
    }),
  );
}

/** Has the record of what we wrote last say what it said then, so that an edit by hand that came back is known as one. */
export async function restoreDigests(host: Host, { files }: FormerConfiguration): Promise<void> {
  await recordAppliedDigests(
    host,
    Object.fromEntries(files.map(({ path, appliedDigest }) => [path, appliedDigest])),
  );
}

function touchedFiles({ steps }: ConvergePlan): { path: string; service: StackService; isSecret: boolean }[] {
  return steps.flatMap((step) => {
    if (step.kind !== "apply-files") return [];
    const { service } = step;
    return [
      ...step.writes.map(({ path, isSecret }) => ({ path, service, isSecret })),
      // Nothing here says that a file which goes away holds no credential.
      ...step.removes.map((path) => ({ path, service, isSecret: true })),
    ];
  });
}

async function save(host: Host, formerId: string, former: FormerConfiguration): Promise<void> {
  await writeFileAtomically(host.path(join(formerFolder(formerId), recordName)), JSON.stringify(former), {
    mode: 0o600,
  });
}

async function forgetOlder(host: Host): Promise<void> {
  const folder = host.path(agentPaths.former);
  const aged = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      modifiedMs: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  const old = aged.toSorted((left, right) => right.modifiedMs - left.modifiedMs).slice(keptMax);
  for (const { name } of old) await rm(join(folder, name), { recursive: true, force: true });
}
