import { type DomainRole, signsMail } from "../domains/index.ts";
import type { DirectoryEntry } from "./directory.ts";

/**
 * An entry of a domain's directory as a server of that role is to hold it: away from the home mail is handed on, and a
 * password is known only where people sign in.
 */
export function entryForRole(role: DomainRole, entry: DirectoryEntry): DirectoryEntry {
  if (role === "home") return entry;
  if (entry.kind === "domain") return { ...entry, isRelayed: true };
  if (entry.kind === "mailbox" && !signsMail(role)) return { ...entry, passwordHash: "" };
  return entry;
}
