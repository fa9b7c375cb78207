import { readFile } from "node:fs/promises";
import { type JobVerb, jobVerbSchema } from "@mailstead/core/jobs";
import type { Overrides } from "@mailstead/core/servers";
import { z } from "zod";
import { isMissing } from "../platform/files.ts";
import { parseJson } from "../platform/parse-json.ts";

/** `/etc/mailstead/policy.json`, written by the host's owner: what may never be done here, or the only things that may. */
const ownerPolicySchema = z.strictObject({
  deny: z.array(jobVerbSchema).optional(),
  allow: z.array(jobVerbSchema).optional(),
  /** Programs whose configuration takes no override on this host. */
  denyOverrides: z.array(z.enum(["postfix", "dovecot", "rspamd", "sieve"])).optional(),
});
type OwnerPolicy = z.infer<typeof ownerPolicySchema>;

/**
 * Says why the owner's policy file forbids a verb, or null when it does not. Read anew for every job. A file that
 * cannot be read or understood forbids everything: its owner meant to forbid something.
 */
export async function vetoProblem(path: string, verb: JobVerb): Promise<string | null> {
  const policy = await readPolicy(path);
  if (typeof policy === "string") return policy;
  const { deny, allow } = policy;
  const names = [verb, ...(alsoMeant[verb] ?? [])];
  const denied = names.find((name) => deny?.includes(name));
  if (denied !== undefined) return `the owner of this host forbids "${denied}" in ${path}`;
  if (allow !== undefined && !names.some((name) => allow.includes(name)))
    return `the owner of this host allows only ${allow.join(", ") || "nothing"} in ${path}`;
  return null;
}

/** A rollout's ways to write the files that a converge writes: who forbids that one forbids these. */
const alsoMeant: Partial<Record<JobVerb, readonly JobVerb[]>> = {
  "apply-configuration": ["converge"],
  "restore-configuration": ["converge"],
};

/**
 * Says why the owner's policy file forbids the overrides of a target state, or null when it does not or there are none.
 * Read anew at each call; a file that cannot be understood forbids them.
 */
export async function overridesVetoProblem(path: string, overrides: Overrides): Promise<string | null> {
  const policy = await readPolicy(path);
  if (typeof policy === "string") return policy;
  const isUsed = {
    postfix: overrides.postfixMain.length > 0,
    dovecot: overrides.dovecot.trim() !== "",
    rspamd: Object.keys(overrides.rspamd).length > 0,
    sieve: overrides.sieveBefore.trim() !== "",
  };
  const denied = policy.denyOverrides?.filter((name) => isUsed[name]) ?? [];
  return denied.length === 0
    ? null
    : `the owner of this host forbids overrides of ${denied.join(" and ")} in ${path}`;
}

/** The policy; one that forbids nothing when there is no file; a sentence when the file cannot be understood. */
async function readPolicy(path: string): Promise<OwnerPolicy | string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return {};
    return `${path} cannot be read, so nothing is done on this host: ${(error as Error).message}`;
  }
  const parsed = ownerPolicySchema.safeParse(parseJson(text));
  if (!parsed.success)
    return `${path} cannot be understood, so nothing is done on this host: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`;
  return parsed.data;
}
