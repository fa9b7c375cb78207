import { type FeedKind, feeds } from "@mailstead/core/feeds";
import { feedConnections, newId } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  withTransaction,
} from "../context/index.ts";
import { sealForWorker } from "../secrets/index.ts";
import { getTenantForChange } from "../tenants/index.ts";
import { accountOf, feedCredentialsSchema, feedLabelSchema, feedPurpose } from "./feed-secret.ts";

const connectFeedInput = z.object({
  label: feedLabelSchema,
  /** Left out: for the domains and servers of every customer. */
  tenantId: z.uuid().nullable().default(null),
  credentials: feedCredentialsSchema,
  /** Has Google know every domain, by a record that Mailstead publishes where it can. */
  verifiesDomains: z.boolean().default(false),
});

/**
 * Connects a feed. Its credentials are sealed for the worker before they are stored; nobody sees them again. The worker
 * reads it at once. Throws `conflict` when the name is taken.
 */
export async function connectFeed(
  ctx: ServiceContext,
  input: z.input<typeof connectFeedInput>,
): Promise<{ connectionId: string }> {
  requireRole(ctx, "admin");
  const { label, credentials, verifiesDomains, ...wanted } = parseInput(connectFeedInput, input);
  const tenantId = ctx.tenantId ?? wanted.tenantId;
  const kind: FeedKind = credentials.kind === "snds" ? "snds" : "google-postmaster";
  const now = ctx.now();
  const id = newId(now);
  const { organisationId } = ctx;
  return withTransaction(ctx, async (tx) => {
    if (tenantId !== null) await getTenantForChange(tx, tenantId);
    const box = await sealForWorker(tx, { purpose: feedPurpose(id), text: JSON.stringify(credentials) });
    try {
      await tx.insert(feedConnections).values({
        id,
        organisationId,
        tenantId,
        kind,
        label,
        account: accountOf(credentials),
        box,
        verifiesDomains: kind === "google-postmaster" && verifiesDomains,
        nextLookAt: now,
        ...(kind === "snds" ? { linkedAt: now, confirmedAt: now } : {}),
        createdAt: now,
      });
    } catch (error) {
      throw labelTaken(error, label);
    }
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "connect-feed",
      subject: { kind: "feed", id, name: label },
      after: { feed: feeds[kind].title, account: accountOf(credentials), verifiesDomains },
    });
    return { connectionId: id };
  });
}

/** A `conflict` when the name is taken; any other error as it is. */
export function labelTaken(error: unknown, label: string): unknown {
  return asConflict(error, {
    index: "feed_connections_label",
    sentence: `There is a feed named ${label} already.`,
    field: "label",
  });
}
