import { feeds } from "@mailstead/core/feeds";
import { feedConnections, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  acrossCustomers,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { accountOf, feedCredentialsSchema, feedPurpose } from "./feed-secret.ts";
import { recordFindingsOfFeeds } from "./record-feed-findings.ts";

const connectionInput = z.object({ connectionId: z.uuid() });

/** Has the worker read a feed now. Throws `not-found`, and `precondition-failed` for one that a person brings. */
export async function readFeedNow(
  ctx: ServiceContext,
  input: z.input<typeof connectionInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { connectionId } = parseInput(connectionInput, input);
  await withTransaction(ctx, async (tx) => {
    const { kind, nextLookAt } = await findFeed(tx, connectionId);
    if (kind === "yahoo")
      throw new ServiceError("precondition-failed", "Yahoo tells nothing by itself; upload a file instead.");
    if (nextLookAt === null)
      throw new ServiceError(
        "precondition-failed",
        "This feed has no credentials yet; give it new ones first.",
      );
    await tx
      .update(feedConnections)
      .set({ state: "testing", nextLookAt: ctx.now() })
      .where(eq(feedConnections.id, connectionId));
  });
}

const renewInput = connectionInput.extend({ credentials: feedCredentialsSchema });

/**
 * Takes new credentials for a feed, whose figures stay: a new consent or key, or a link of SNDS that was made anew. Throws
 * `not-found`, and `invalid` for credentials of another provider.
 */
export async function renewFeed(ctx: ServiceContext, input: z.input<typeof renewInput>): Promise<void> {
  requireRole(ctx, "admin");
  const { connectionId, credentials } = parseInput(renewInput, input);
  await withTransaction(ctx, async (tx) => {
    const { kind, label, tenantId, account } = await findFeed(tx, connectionId);
    if (kind === "yahoo" || (credentials.kind === "snds") !== (kind === "snds"))
      throw new ServiceError(
        "invalid",
        `${label} is a feed of ${feeds[kind].title}; these credentials are not.`,
      );
    const box = await sealForWorker(tx, {
      purpose: feedPurpose(connectionId),
      text: JSON.stringify(credentials),
    });
    const now = ctx.now();
    await tx
      .update(feedConnections)
      .set({
        box,
        account: accountOf(credentials),
        state: "testing",
        problem: null,
        problemKind: null,
        problemSince: null,
        failures: 0,
        nextLookAt: now,
        ...(kind === "snds" ? { linkedAt: now } : {}),
      })
      .where(eq(feedConnections.id, connectionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "renew-feed",
      subject: { kind: "feed", id: connectionId, name: label },
      before: { account },
      after: { account: accountOf(credentials) },
    });
  });
}

/** Notes that a person confirmed the networks in the SNDS portal today. Throws `not-found`, and `invalid` for another feed. */
export async function confirmFeedAccess(
  ctx: ServiceContext,
  input: z.input<typeof connectionInput>,
): Promise<void> {
  requireRole(ctx, "technician");
  const { connectionId } = parseInput(connectionInput, input);
  await withTransaction(ctx, async (tx) => {
    const { kind, label, tenantId } = await findFeed(tx, connectionId);
    if (kind !== "snds") throw new ServiceError("invalid", `${label} has no access that is to be confirmed.`);
    await tx
      .update(feedConnections)
      .set({ confirmedAt: ctx.now() })
      .where(eq(feedConnections.id, connectionId));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "confirm-feed-access",
      subject: { kind: "feed", id: connectionId, name: label },
    });
  });
}

/** Forgets a feed with its credentials and all that it told. Throws `not-found`. */
export async function disconnectFeed(
  ctx: ServiceContext,
  input: z.input<typeof connectionInput>,
): Promise<void> {
  requireRole(ctx, "admin");
  const { connectionId } = parseInput(connectionInput, input);
  await withTransaction(ctx, async (tx) => {
    const { kind, label, tenantId, account } = await findFeed(tx, connectionId);
    await tx.delete(feedConnections).where(eq(feedConnections.id, connectionId));
    // Nothing looks at what concerns it any more, so what was open is closed here.
    await acrossCustomers(tx, ctx, () => recordFindingsOfFeeds(tx, ctx));
    await recordAudit(tx, ctx, {
      organisationId: ctx.organisationId,
      tenantId,
      action: "disconnect-feed",
      subject: { kind: "feed", id: connectionId, name: label },
      before: { feed: feeds[kind].title, account },
    });
  });
}

async function findFeed(tx: Transaction, connectionId: string) {
  const [row] = await tx
    .select({
      kind: feedConnections.kind,
      label: feedConnections.label,
      tenantId: feedConnections.tenantId,
      account: feedConnections.account,
      nextLookAt: feedConnections.nextLookAt,
    })
    .from(feedConnections)
    .where(eq(feedConnections.id, connectionId))
    .for("update");
  if (row === undefined) throw new ServiceError("not-found", "There is no such feed.");
  return row;
}
