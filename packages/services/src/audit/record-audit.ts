import { auditEntries, insertMany, newId, type Transaction } from "@mailstead/db";
import type { Actor } from "../context/index.ts";

export interface AuditSubject {
  kind: string;
  id: string | null;
  name: string;
}

export interface AuditFact {
  organisationId: string;
  tenantId: string | null;
  /** Verb and noun as the use case is called, like `create-mailbox`. */
  action: string;
  subject: AuditSubject;
  /** What changed; never a password, a key or a token. */
  before?: unknown;
  after?: unknown;
}

interface AuditContext {
  actor: Actor;
  now(): Date;
  requestId: string;
}

/** Writes who did what into the append-only audit, in the caller's transaction: no change without its entry. */
export async function recordAudit(tx: Transaction, ctx: AuditContext, fact: AuditFact): Promise<void> {
  await tx.insert(auditEntries).values(entryOf(ctx, fact));
}

/** The same about many things at once, an entry each. */
export async function recordAudits(
  tx: Transaction,
  ctx: AuditContext,
  facts: readonly AuditFact[],
): Promise<void> {
  await insertMany(
    tx,
    auditEntries,
    facts.map((fact) => entryOf(ctx, fact)),
  );
}

function entryOf(ctx: AuditContext, fact: AuditFact): typeof auditEntries.$inferInsert {
  const at = ctx.now();
  return {
    id: newId(at),
    organisationId: fact.organisationId,
    tenantId: fact.tenantId,
    actorKind: ctx.actor.kind,
    actorId: actorId(ctx.actor),
    actorName: ctx.actor.name,
    action: fact.action,
    subjectKind: fact.subject.kind,
    subjectId: fact.subject.id,
    subjectName: fact.subject.name,
    before: fact.before ?? null,
    after: fact.after ?? null,
    requestId: ctx.requestId,
    at,
  };
}

function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case "user":
      return actor.userId;
    case "agent":
      return actor.agentId;
    case "system":
      return null;
  }
}
