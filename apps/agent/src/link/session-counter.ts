import { readTextIfExists, writeFileAtomically } from "../platform/files.ts";

/**
 * Takes the next session number and stores it durably before it is used, so that no number is ever used twice by this
 * host: a number the gateway has seen before means that somebody runs a copy. Throws when the stored one is damaged.
 */
export async function takeSessionCounter(path: string): Promise<number> {
  const text = await readTextIfExists(path);
  const last = text === null ? 0 : Number(text.trim());
  if (!Number.isSafeInteger(last) || last < 0)
    throw new Error(`${path} does not hold a number; the agent cannot prove that it is no copy`);
  await writeFileAtomically(path, `${last + 1}\n`, { mode: 0o600 });
  return last + 1;
}
