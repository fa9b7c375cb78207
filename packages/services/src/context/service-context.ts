import { randomInt } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { isRoleAtLeast, type Role } from "@mailstead/core/access";
import type { Database, Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { type AgentConnection, requireCurrentConnection } from "./agent-connection.ts";
import type { Installation } from "./installation.ts";
import { ServiceError } from "./service-error.ts";

/** Who acts. An agent acts for its own server only; the system acts on schedules and at enrolment. */
export type Actor =
  | { kind: "user"; userId: string; name: string; role: Role }
  | { kind: "agent"; agentId: string; name: string }
  | { kind: "system"; name: string };

/** One request of a person, limited to an organisation and, when `tenantId` is set, to one customer in it. */
export interface ServiceContext {
  readonly organisationId: string;
  readonly tenantId: string | null;
  readonly actor: Actor;
  readonly database: Database;
  now(): Date;
  readonly requestId: string;
  readonly installation: Installation;
}

/** A request before anybody has signed in; sees no rows at all. */
export type AnonymousContext = Pick<ServiceContext, "database" | "now" | "requestId" | "installation">;

/** Work of the gateway or the worker, across organisations; its database role sees only what it was granted. */
export interface SystemContext {
  readonly actor: Actor;
  readonly database: Database;
  now(): Date;
  readonly requestId: string;
  /** The connection that asked for this work; each transaction refuses once it is not its agent's any more. */
  readonly connection?: AgentConnection;
}

/**
 * Runs `work` in one transaction that sees only the rows of the context. When Postgres ends the transaction to solve
 * a deadlock it is run again, so `work` must have no effect outside the database.
 */
export function withTransaction<T>(ctx: ServiceContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return retryDeadlocks(() =>
    ctx.database.transaction(async (tx) => {
      await tx.execute(sql`select set_config('mailstead.organisation_id', ${ctx.organisationId}, true),
        set_config('mailstead.tenant_id', ${ctx.tenantId ?? ""}, true)`);
      return work(tx);
    }),
  );
}

/**
 * Runs one step of a transaction with the sight of the whole organisation: for rows about something of one customer's that
 * lie with another, as a key in the organisation's zone does. The caller has found that something in the person's own sight.
 */
export async function acrossCustomers<T>(
  tx: Transaction,
  ctx: ServiceContext,
  work: () => Promise<T>,
): Promise<T> {
  const see = (tenantId: string) =>
    tx.execute(sql`select set_config('mailstead.tenant_id', ${tenantId}, true)`);
  await see("");
  // After a failure the transaction is over, and its settings are with it.
  const result = await work();
  await see(ctx.tenantId ?? "");
  return result;
}

/**
 * Runs `work` in one transaction of the system role. Throws ConnectionOverError when an agent asked for it through a
 * connection that counts no longer.
 */
export function withSystemTransaction<T>(
  ctx: SystemContext,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const { connection } = ctx;
  return retryDeadlocks(() =>
    ctx.database.transaction(async (tx) => {
      if (connection !== undefined) await requireCurrentConnection(tx, connection);
      return work(tx);
    }),
  );
}

/** Throws `forbidden` unless the person's role is at least `needed`. The system and agents have no role to check. */
export function requireRole(ctx: ServiceContext, needed: Role): void {
  if (ctx.actor.kind !== "user" || isRoleAtLeast(ctx.actor.role, needed)) return;
  throw new ServiceError("forbidden", `Your role is ${ctx.actor.role}; this needs the role ${needed}.`);
}

/** Throws `forbidden` in the context of one tenant: some things concern the whole organisation. */
export function requireOrganisationScope(ctx: ServiceContext): void {
  if (ctx.tenantId !== null)
    throw new ServiceError("forbidden", "This concerns the whole organisation, not one customer.");
}

const deadlockAttemptsMax = 4;
const deadlockPauseMaxMs = 100;

async function retryDeadlocks<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === deadlockAttemptsMax || !isDeadlock(error)) throw error;
      // At once it would take its first lock again before the other had got it.
      await wait(randomInt(deadlockPauseMaxMs));
    }
  }
}

function isDeadlock(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ((cause as Error & { code?: unknown }).code === "40P01") return true;
  return false;
}
