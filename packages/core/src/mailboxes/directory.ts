import { z } from "zod";
import { domainNameSchema } from "../domains/index.ts";
import { hostedAddressSchema, remoteAddressSchema } from "./address.ts";

/**
 * The mail directory of a server: what Postfix and Dovecot look up. It travels as an append-only log of changes.
 * `revision` counts the changes of one `epoch`; a new epoch restarts the log with one upsert per living entry.
 */
export const directoryDomainSchema = z.object({
  kind: z.literal("domain"),
  name: domainNameSchema,
  /** The mailboxes are on another server: mail to those that exist is accepted here and handed on. */
  isRelayed: z.literal(true).optional(),
});

export const directoryMailboxSchema = z.object({
  kind: z.literal("mailbox"),
  /**
   * Its own for ever, and part of the path of its home: whoever gets the address later finds neither the mail nor the
   * sieve scripts of the one before.
   */
  mailboxId: z.uuid(),
  address: hostedAddressSchema,
  /**
   * A Dovecot password with its scheme, `{ARGON2ID}$argon2id$…`; clear text never enters the directory. Empty on a server
   * where nobody signs in.
   */
  passwordHash: z.string().regex(/^(\{ARGON2ID\}\$argon2id\$[A-Za-z0-9+/=,$]+)?$/),
  /** 0 means no limit. */
  quotaBytes: z.int().nonnegative(),
  /** False refuses sign-in and mail, and stops aliases from resolving to this mailbox. */
  isEnabled: z.boolean(),
});

export const directoryAliasSchema = z.object({
  kind: z.literal("alias"),
  /** `name@domain`, or `@domain` for a catch-all. */
  address: z.union([
    hostedAddressSchema,
    z.string().regex(/^@[a-z0-9.-]+$/, "a catch-all is written @domain"),
  ]),
  destinations: z.array(remoteAddressSchema).min(1).max(200),
  /** Mailboxes that may send with this address as envelope sender and From. */
  senders: z.array(hostedAddressSchema).max(200),
});

export const directoryEntrySchema = z.discriminatedUnion("kind", [
  directoryDomainSchema,
  directoryMailboxSchema,
  directoryAliasSchema,
]);
export type DirectoryEntry = z.infer<typeof directoryEntrySchema>;
export type DirectoryDomain = z.infer<typeof directoryDomainSchema>;
export type DirectoryMailbox = z.infer<typeof directoryMailboxSchema>;
export type DirectoryAlias = z.infer<typeof directoryAliasSchema>;

export const directoryChangeSchema = z.object({
  revision: z.int().positive(),
  op: z.enum(["upsert", "delete"]),
  /** Name for a domain, address for a mailbox or an alias; with `entryKind` it identifies the entry. */
  key: z.string().min(1).max(320),
  entryKind: z.enum(["domain", "mailbox", "alias"]),
  /** Present on upsert, absent on delete. */
  entry: directoryEntrySchema.optional(),
});
export type DirectoryChange = z.infer<typeof directoryChangeSchema>;

export const directoryPositionSchema = z.object({
  epoch: z.int().positive(),
  revision: z.int().nonnegative(),
});
export type DirectoryPosition = z.infer<typeof directoryPositionSchema>;

/** The text that the hash chain is computed over: `chain(n) = SHA-256(chain(n-1) || this)`, hex, starting from "". */
export function directoryChangeText(change: DirectoryChange): string {
  return JSON.stringify([
    change.revision,
    change.op,
    change.entryKind,
    change.key,
    canonicalEntry(change.entry),
  ]);
}

function canonicalEntry(entry: DirectoryEntry | undefined): unknown {
  if (entry === undefined) return null;
  switch (entry.kind) {
    case "domain":
      return entry.isRelayed === undefined ? [entry.name] : [entry.name, "relayed"];
    case "mailbox":
      return [entry.mailboxId, entry.address, entry.passwordHash, entry.quotaBytes, entry.isEnabled];
    case "alias":
      return [entry.address, entry.destinations, entry.senders];
  }
}
