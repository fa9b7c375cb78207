import { type DirectoryEntry, directoryEntrySchema } from "@mailstead/core/mailboxes";
import { aliases, domains, mailboxes, type Transaction } from "@mailstead/db";
import { arrayContains, asc, eq, inArray, sql } from "drizzle-orm";
import type { DirectoryEdit } from "./directory-log.ts";

/** A mailbox as the directory holds it. */
export function mailboxEntry(
  domainName: string,
  row: Pick<typeof mailboxes.$inferSelect, "id" | "localPart" | "passwordHash" | "quotaBytes" | "isEnabled">,
): DirectoryEntry {
  const { id: mailboxId, localPart, passwordHash, quotaBytes, isEnabled } = row;
  return directoryEntrySchema.parse({
    kind: "mailbox",
    mailboxId,
    address: `${localPart}@${domainName}`,
    passwordHash,
    quotaBytes,
    isEnabled,
  });
}

/** An alias as the directory holds it. Whoever receives its mail as a mailbox of ours may also send in its name. */
export async function aliasEntry(
  tx: Transaction,
  alias: { localPart: string; destinations: readonly string[]; domainName: string },
): Promise<DirectoryEntry> {
  return directoryEntrySchema.parse({
    kind: "alias",
    address: `${alias.localPart}@${alias.domainName}`,
    destinations: alias.destinations,
    senders: await findMailboxes(tx, alias.destinations),
  });
}

/** Those of the addresses that are mailboxes which the context sees, in the order given. */
async function findMailboxes(tx: Transaction, addresses: readonly string[]): Promise<string[]> {
  if (addresses.length === 0) return [];
  const names = [...new Set(addresses.map((address) => address.slice(address.lastIndexOf("@") + 1)))];
  const found = await tx
    .select({ address: sql<string>`${mailboxes.localPart} || '@' || ${domains.name}` })
    .from(mailboxes)
    .innerJoin(domains, eq(domains.id, mailboxes.domainId))
    .where(
      sql`${inArray(domains.name, names)} and ${inArray(sql`${mailboxes.localPart} || '@' || ${domains.name}`, [...addresses])}`,
    );
  const known = new Set(found.map((row) => row.address));
  return addresses.filter((address) => known.has(address));
}

/** Aliases that lead to an address, with their domains; locked, because whoever asks goes on to change them. */
export async function findAliasesTo(tx: Transaction, address: string) {
  return tx
    .select({
      id: aliases.id,
      domainId: aliases.domainId,
      localPart: aliases.localPart,
      destinations: aliases.destinations,
      domainName: domains.name,
    })
    .from(aliases)
    .innerJoin(domains, eq(domains.id, aliases.domainId))
    .where(arrayContains(aliases.destinations, [address]))
    .orderBy(asc(aliases.id))
    .for("update", { of: aliases });
}

/** The edits that bring an alias up to date, as one upsert. */
export async function upsertAlias(
  tx: Transaction,
  alias: { localPart: string; destinations: readonly string[]; domainName: string },
): Promise<DirectoryEdit> {
  return { op: "upsert", entry: await aliasEntry(tx, alias) };
}
