import { type DirectoryEntry, directoryEntrySchema } from "@mailstead/core/mailboxes";
import { aliases, mailboxes, type Transaction } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { aliasEntry, mailboxEntry } from "./directory-entries.ts";
import type { DirectoryEdit } from "./directory-log.ts";

/** Everything that the directory holds of a domain, as its home knows it. */
export async function readDomainDirectory(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<DirectoryEntry[]> {
  const mailboxRows = await tx
    .select()
    .from(mailboxes)
    .where(eq(mailboxes.domainId, domain.id))
    .orderBy(asc(mailboxes.localPart));
  const aliasRows = await tx
    .select()
    .from(aliases)
    .where(eq(aliases.domainId, domain.id))
    .orderBy(asc(aliases.localPart));
  const entries = [
    directoryEntrySchema.parse({ kind: "domain", name: domain.name }),
    ...mailboxRows.map((row) => mailboxEntry(domain.name, row)),
  ];
  for (const { localPart, destinations } of aliasRows)
    entries.push(await aliasEntry(tx, { localPart, destinations, domainName: domain.name }));
  return entries;
}

/** Takes entries off a server again, the domain last. */
export function forgetEntries(entries: readonly DirectoryEntry[]): DirectoryEdit[] {
  return entries
    .map((entry) => ({
      op: "delete" as const,
      entryKind: entry.kind,
      key: entry.kind === "domain" ? entry.name : entry.address,
    }))
    .reverse();
}
