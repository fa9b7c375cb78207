import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { stackPaths } from "@mailstead/core/mail-flow";
import { isProbeDomain, type ProbeAccount, probeAccount } from "@mailstead/core/mailboxes";
import { putProbe, readProbes, takeOutProbes } from "../directory/directory-database.ts";
import { eachQueuedProbe } from "../mail-queue/each-queued.ts";
import { isMissing, pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { lastWords } from "../platform/run-command.ts";

/** The account of one try, and the password that only this process knows. */
export interface Probe {
  readonly account: ProbeAccount;
  readonly password: string;
}

/**
 * Makes the account in the host's directory, where Postfix and Dovecot find it at once and nothing needs to be reloaded.
 * Throws where the directory is missing or cannot be written.
 */
export async function openProbe(host: Host, writesInDomain: string | null): Promise<Probe> {
  const password = randomBytes(32).toString("base64url");
  const account = probeAccount({
    chance: randomBytes(16).toString("hex"),
    mailboxId: randomUUID(),
    passwordHash: hashed(password),
    writesInDomain,
  });
  await putProbe(host.path(stackPaths.directoryDatabase), account);
  return { account, password };
}

/** Nobody guesses so many random bits, so a hash that is quick to try is as good as a slow one. */
function hashed(password: string): string {
  const salt = randomBytes(16);
  const digest = createHash("sha512").update(password).update(salt).digest();
  return `{SSHA512}${Buffer.concat([digest, salt]).toString("base64")}`;
}

/** True while the account is in the directory: a new epoch of it leaves nothing that the control plane does not know. */
export async function isProbeThere(host: Host, { account }: Probe): Promise<boolean> {
  return (await readProbes(host.path(stackPaths.directoryDatabase))).includes(account.address);
}

/** Letters that a try may have left in the queue: by their ids, or all that there are where nobody knows. */
export type LeftLetters = readonly string[] | "any";

/**
 * Removes all that tries have left: letters in the queue, mailboxes, and last the accounts, by which the next call sees
 * that there is something to remove. Throws where a part could not be removed, after the others were.
 */
export async function clearProbes(host: Host, letters: LeftLetters): Promise<void> {
  const directory = host.path(stackPaths.directoryDatabase);
  if (!(await pathExists(directory)) || (await readProbes(directory)).length === 0) return;
  const removed = await Promise.allSettled([removeQueued(host, letters), removeMailboxes(host)]);
  const failed = removed.find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  await takeOutProbes(directory);
}

async function removeQueued(host: Host, letters: LeftLetters): Promise<void> {
  const queueIds = letters === "any" ? await findQueued(host) : letters;
  if (queueIds.length === 0) return;
  const result = await host.run(["postsuper", "-d", "-"], {
    input: `${queueIds.join("\n")}\n`,
    timeoutMs: 30_000,
  });
  if (result.exitCode !== 0)
    throw new Error(`letters of a mail check are still queued: ${lastWords(result)}`);
}

async function findQueued(host: Host): Promise<readonly string[]> {
  const queueIds: string[] = [];
  await eachQueuedProbe(host, ({ message }) => queueIds.push(message.queueId));
  return queueIds;
}

async function removeMailboxes(host: Host): Promise<void> {
  const folder = host.path(stackPaths.mailboxes);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  // Dovecot may be writing its index of a mailbox that was just closed.
  for (const name of names)
    if (isProbeDomain(name)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
}
