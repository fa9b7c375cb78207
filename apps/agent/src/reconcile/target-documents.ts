import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type TargetState, targetStateSchema } from "@mailstead/core/servers";
import { z } from "zod";
import { digestOf } from "../apply/applied-digests.ts";
import { JobFailure } from "../jobs/job-failure.ts";
import type { GatewayRequests } from "../link/requests.ts";
import { isMissing, readTextIfExists, writeFileAtomically } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { agentPaths } from "../platform/paths.ts";

/**
 * The target state that a signed job names by revision and digest, from the host's own copy or from the gateway. A
 * document whose digest is another is refused: the gateway that carries it cannot alter it.
 */
export async function fetchTarget(
  input: { host: Host; requests: GatewayRequests; serverId: string },
  named: { targetRevision: number; targetDigest: string },
): Promise<TargetState> {
  const path = input.host.path(join(agentPaths.targets, `${named.targetRevision}.json`));
  let text = await readTextIfExists(path);
  if (text === null || digestOf(text) !== named.targetDigest) {
    text = await input.requests.targetState(named.targetRevision);
    if (text === null)
      throw new JobFailure(`The control plane has no target state ${named.targetRevision} of this server.`, {
        retry: "permanent",
      });
    if (digestOf(text) !== named.targetDigest)
      throw new JobFailure(
        "The target state that the gateway sent is not the one that was signed; nothing was done.",
        {
          retry: "temporary",
        },
      );
    await writeFileAtomically(path, text, { mode: 0o600 });
  }
  const target = parseTarget(text);
  if (target.serverId !== input.serverId)
    throw new JobFailure("The target state is that of another server; nothing was done.", {
      retry: "permanent",
    });
  return target;
}

function parseTarget(text: string): TargetState {
  const parsed = targetStateSchema.safeParse(parseJson(text));
  if (!parsed.success)
    throw new JobFailure(
      `This agent does not understand the target state: ${z.prettifyError(parsed.error)}`,
      {
        retry: "permanent",
      },
    );
  return parsed.data;
}

const appliedName = "applied.json";

/** Remembers the target state that the host was last brought to, for drift and for the commands on the host. */
export async function rememberApplied(host: Host, target: TargetState): Promise<void> {
  await writeFileAtomically(host.path(join(agentPaths.targets, appliedName)), JSON.stringify(target), {
    mode: 0o600,
  });
  await forgetOlder(host, target.revision);
}

/** Copies what names the target state last applied, and its text, so that the host can be at it again. */
export async function keepTarget(host: Host, folder: string): Promise<void> {
  const target = await readApplied(host);
  if (target === null) return;
  const text = await readTextIfExists(host.path(join(agentPaths.targets, `${target.revision}.json`)));
  const kept = { target, text };
  await writeFileAtomically(host.path(join(folder, keptName)), JSON.stringify(kept), { mode: 0o600 });
}

const keptName = "target.json";
const keptSchema = z.object({ target: targetStateSchema, text: z.string().nullable() });

/** Has the host be at the target state that was kept; gives its revision, 0 when it had none. */
export async function returnToTarget(host: Host, folder: string): Promise<number> {
  const kept = await readTextIfExists(host.path(join(folder, keptName)));
  if (kept === null) return 0;
  const { target, text } = keptSchema.parse(parseJson(kept));
  const write = (name: string, content: string) =>
    writeFileAtomically(host.path(join(agentPaths.targets, name)), content, { mode: 0o600 });
  if (text !== null) await write(`${target.revision}.json`, text);
  await write(appliedName, JSON.stringify(target));
  return target.revision;
}

/** The target state that the host was last brought to; null when it never was to any. */
export async function readApplied(host: Host): Promise<TargetState | null> {
  const text = await readTextIfExists(host.path(join(agentPaths.targets, appliedName)));
  return text === null ? null : parseTarget(text);
}

/** What a converge to the target state last applied is ordered by; null when its text is no longer there. */
export async function nameApplied(
  host: Host,
  { revision }: TargetState,
): Promise<{ targetRevision: number; targetDigest: string } | null> {
  const text = await readTextIfExists(host.path(join(agentPaths.targets, `${revision}.json`)));
  return text === null ? null : { targetRevision: revision, targetDigest: digestOf(text) };
}

/** Revision that the host was last brought to as this server; 0 when it never was, or when nobody can tell any more. */
export async function readAppliedRevision(host: Host, serverId: string): Promise<number> {
  const text = await readTextIfExists(host.path(join(agentPaths.targets, appliedName)));
  const parsed = targetStateSchema.pick({ serverId: true, revision: true }).safeParse(parseJson(text ?? ""));
  return parsed.success && parsed.data.serverId === serverId ? parsed.data.revision : 0;
}

async function forgetOlder(host: Host, revision: number): Promise<void> {
  const folder = host.path(agentPaths.targets);
  for (const name of await listIfExists(folder)) {
    const stored = /^(\d+)\.json$/.exec(name)?.[1];
    if (stored !== undefined && Number(stored) < revision) await rm(join(folder, name), { force: true });
  }
}

async function listIfExists(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
