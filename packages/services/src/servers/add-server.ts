import { feedbackSenderId } from "@mailstead/core/feeds";
import {
  defaultStackSettings,
  defaultWebSettings,
  noDns,
  noOverrides,
  noSpamhaus,
} from "@mailstead/core/servers";
import { newId, servers } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  withTransaction,
} from "../context/index.ts";
import { getTenantForChange, refuseNeighboursName } from "../tenants/index.ts";
import { type IssuedEnrolment, issueEnrolmentToken } from "./issue-enrolment-token.ts";
import { serverNameSchema, typedHostNameSchema } from "./server-name.ts";
import { saveTargetState } from "./target-state-store.ts";

const addServerInput = z.object({
  tenantId: z.uuid(),
  name: serverNameSchema,
  hostname: typedHostNameSchema,
});

/**
 * Adds a server that waits for its agent, with the command that brings it. Throws `conflict` when the host name is taken,
 * and `forbidden` when it lies in another customer's domain and the person sees one customer only.
 */
export async function addServer(
  ctx: ServiceContext,
  input: z.input<typeof addServerInput>,
): Promise<IssuedEnrolment> {
  requireRole(ctx, "technician");
  const { tenantId, name, hostname } = parseInput(addServerInput, input);
  const { organisationId } = ctx;
  const now = ctx.now();
  const server = {
    id: newId(now),
    organisationId,
    tenantId,
    name,
    hostname,
    targetRevision: 0,
    createdAt: now,
  };
  try {
    return await withTransaction(ctx, async (tx) => {
      await getTenantForChange(tx, tenantId);
      await refuseNeighboursName(tx, ctx, { name: hostname, field: "hostname" });
      await tx.insert(servers).values(server);
      await saveTargetState(tx, ctx, {
        server,
        summary: "Server added",
        state: {
          formatVersion: 1,
          serverId: server.id,
          revision: 1,
          hostname,
          stack: defaultStackSettings,
          domains: [],
          relays: [],
          destinationRelays: [],
          measures: [],
          tlsExceptions: [],
          web: defaultWebSettings,
          feedbackSenderId: feedbackSenderId(tenantId),
          driftPolicy: "ask",
          overrides: noOverrides,
          certificates: [],
          dns: noDns,
          blockLists: noSpamhaus,
        },
      });
      await recordAudit(tx, ctx, {
        organisationId,
        tenantId,
        action: "add-server",
        subject: { kind: "server", id: server.id, name },
        after: { name, hostname },
      });
      return issueEnrolmentToken(tx, ctx, server);
    });
  } catch (error) {
    throw hostnameTaken(error, hostname);
  }
}

/** A `conflict` when the host name is taken; any other error as it is. */
export function hostnameTaken(error: unknown, hostname: string): unknown {
  const sentence = `There is a server with the host name ${hostname} already.`;
  return asConflict(error, { index: "servers_hostname", sentence, field: "hostname" });
}
