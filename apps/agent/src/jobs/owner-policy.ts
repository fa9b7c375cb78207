import { readFile } from "node:fs/promises";
import { type JobVerb, jobVerbSchema } from "@mailstead/core/jobs";
import { z } from "zod";
import { isMissing } from "../platform/files.ts";
import { parseJson } from "../platform/parse-json.ts";

/** `/etc/mailstead/policy.json`, written by the host's owner: what may never be done here, or the only things that may. */
const ownerPolicySchema = z.strictObject({
  deny: z.array(jobVerbSchema).optional(),
  allow: z.array(jobVerbSchema).optional(),
});

/**
 * Says why the owner's policy file forbids a verb, or null when it does not. Read anew for every job. A file that
 * cannot be read or understood forbids everything: its owner meant to forbid something.
 */
export async function vetoProblem(path: string, verb: JobVerb): Promise<string | null> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    return `${path} cannot be read, so nothing is done on this host: ${(error as Error).message}`;
  }
  const parsed = ownerPolicySchema.safeParse(parseJson(text));
  if (!parsed.success)
    return `${path} cannot be understood, so nothing is done on this host: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}`;
  const { deny, allow } = parsed.data;
  if (deny?.includes(verb)) return `the owner of this host forbids "${verb}" in ${path}`;
  if (allow !== undefined && !allow.includes(verb))
    return `the owner of this host allows only ${allow.join(", ") || "nothing"} in ${path}`;
  return null;
}
