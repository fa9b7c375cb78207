import type { CatchAllStep } from "@mailstead/core/checks";
import { aliases, domains, mailboxes, type Transaction } from "@mailstead/db";
import { and, eq } from "drizzle-orm";

// Longer chains of aliases are made by nobody, and each step asks the database.
const stepsMax = 20;

/** Where the catch-all of a domain leads by the directory, step for step as Postfix follows it; empty without one. */
export async function readCatchAll(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<CatchAllStep[]> {
  const catchAll = await aliasAt(tx, { domainId: domain.id, localPart: "" });
  if (catchAll === null) return [];
  const steps: CatchAllStep[] = [{ address: `@${domain.name}`, leadsTo: await keysOf(tx, catchAll) }];
  for (let at = 0; at < steps.length && steps.length < stepsMax; at += 1)
    for (const key of steps[at]?.leadsTo ?? [])
      if (!steps.some(({ address }) => address === key))
        steps.push({ address: key, leadsTo: await follow(tx, key) });
  return steps;
}

/** The entries of the directory that decide about these addresses; those that end somewhere are left out. */
async function keysOf(tx: Transaction, addresses: readonly string[]): Promise<string[]> {
  const keys: string[] = [];
  for (const address of addresses) {
    const key = await deciding(tx, address);
    if (key !== null && !keys.includes(key)) keys.push(key);
  }
  return keys;
}

async function follow(tx: Transaction, key: string): Promise<string[]> {
  const [localPart = "", name = ""] = splitAt(key);
  const [domain] = await tx.select({ id: domains.id }).from(domains).where(eq(domains.name, name));
  const alias = domain === undefined ? null : await aliasAt(tx, { domainId: domain.id, localPart });
  return alias === null ? [] : keysOf(tx, alias);
}

/** The alias that an address meets: its own, else the catch-all where no mailbox has its name; null where it ends. */
async function deciding(tx: Transaction, address: string): Promise<string | null> {
  const [localPart = "", name = ""] = splitAt(address.toLowerCase());
  const [domain] = await tx.select({ id: domains.id }).from(domains).where(eq(domains.name, name));
  if (domain === undefined) return null;
  if ((await aliasAt(tx, { domainId: domain.id, localPart })) !== null) return `${localPart}@${name}`;
  const [mailbox] = await tx
    .select({ id: mailboxes.id })
    .from(mailboxes)
    .where(and(eq(mailboxes.domainId, domain.id), eq(mailboxes.localPart, localPart)));
  if (mailbox !== undefined) return null;
  return (await aliasAt(tx, { domainId: domain.id, localPart: "" })) === null ? null : `@${name}`;
}

async function aliasAt(
  tx: Transaction,
  { domainId, localPart }: { domainId: string; localPart: string },
): Promise<string[] | null> {
  const [row] = await tx
    .select({ destinations: aliases.destinations })
    .from(aliases)
    .where(and(eq(aliases.domainId, domainId), eq(aliases.localPart, localPart)));
  return row?.destinations ?? null;
}

function splitAt(address: string): [string, string] {
  const at = address.lastIndexOf("@");
  return [address.slice(0, Math.max(at, 0)), address.slice(at + 1)];
}
