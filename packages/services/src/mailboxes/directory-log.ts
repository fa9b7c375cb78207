import { createHash } from "node:crypto";
import type { DomainRole } from "@mailstead/core/domains";
import {
  type DirectoryChange,
  type DirectoryEntry,
  directoryChangeText,
  entryForRole,
} from "@mailstead/core/mailboxes";
import { directoryChanges, domainServers, insertMany, servers, type Transaction } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import type { Actor } from "../context/index.ts";
import { enqueueSyncDirectory, getServerForChange, type ServerForChange } from "../servers/index.ts";
import { findEntriesToStartAnew } from "./restart-directory-log.ts";

export type DirectoryEdit =
  | { op: "upsert"; entry: DirectoryEntry }
  | { op: "delete"; entryKind: DirectoryEntry["kind"]; key: string };

/** Tells every server of a domain what changed in its mail directory, in order, as far as its role lets it know. */
export async function editDirectories(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  { domainId, edits }: { domainId: string; edits: readonly DirectoryEdit[] },
): Promise<void> {
  // Always in the same order, so that two changes cannot wait for each other.
  const hosts = await tx
    .select({ serverId: domainServers.serverId, role: domainServers.role })
    .from(domainServers)
    .where(eq(domainServers.domainId, domainId))
    .orderBy(asc(domainServers.serverId));
  for (const { serverId, role } of hosts)
    await editDirectory(tx, ctx, {
      server: await getServerForChange(tx, serverId),
      edits: edits.map((edit) => editForRole(role, edit)),
    });
}

function editForRole(role: DomainRole, edit: DirectoryEdit): DirectoryEdit {
  return edit.op === "upsert" ? { ...edit, entry: entryForRole(role, edit.entry) } : edit;
}

/**
 * Appends changes to the log of a locked server and asks for a sync once it is installed. Each change is chained to
 * the one before, so that the head of the chain in a signed job vouches for all of them. A log that has grown long
 * past its living entries starts anew with them, in an epoch of its own.
 */
export async function editDirectory(
  tx: Transaction,
  ctx: { actor: Actor; now(): Date },
  { server, edits }: { server: ServerForChange; edits: readonly DirectoryEdit[] },
): Promise<void> {
  if (edits.length === 0) return;
  const fromRevision = server.directoryRevision;
  await append(tx, { server, edits, createdAt: ctx.now() });
  const living = await findEntriesToStartAnew(tx, { server, fromRevision });
  if (living !== null) {
    server.directoryEpoch += 1;
    server.directoryRevision = 0;
    server.directoryChain = "";
    const upserts = living.map((entry) => ({ op: "upsert" as const, entry }));
    await append(tx, { server, edits: upserts, createdAt: ctx.now() });
  }
  const { directoryEpoch, directoryRevision, directoryChain } = server;
  await tx
    .update(servers)
    .set({ directoryEpoch, directoryRevision, directoryChain })
    .where(eq(servers.id, server.id));
  if (server.installRequestedAt !== null) await enqueueSyncDirectory(tx, ctx, server);
}

/** Writes the changes and moves `server` on to the last of them. */
async function append(
  tx: Transaction,
  { server, edits, createdAt }: { server: ServerForChange; edits: readonly DirectoryEdit[]; createdAt: Date },
): Promise<void> {
  const { id: serverId, organisationId, tenantId, directoryEpoch: epoch } = server;
  const rows = edits.map((edit) => {
    server.directoryRevision += 1;
    const change = changeOf(edit, server.directoryRevision);
    server.directoryChain = createHash("sha256")
      .update(server.directoryChain + directoryChangeText(change))
      .digest("hex");
    const chain = server.directoryChain;
    return { serverId, epoch, organisationId, tenantId, entry: null, ...change, chain, createdAt };
  });
  await insertMany(tx, directoryChanges, rows);
}

function changeOf(edit: DirectoryEdit, revision: number): DirectoryChange {
  if (edit.op === "delete") return { revision, op: "delete", entryKind: edit.entryKind, key: edit.key };
  const { entry } = edit;
  return { revision, op: "upsert", entryKind: entry.kind, key: keyOf(entry), entry };
}

function keyOf(entry: DirectoryEntry): string {
  return entry.kind === "domain" ? entry.name : entry.address;
}
