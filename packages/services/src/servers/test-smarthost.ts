import { standbyRelay } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { enqueueJob } from "../jobs/index.ts";
import { sealForAgent } from "./seal-secret.ts";
import {
  requireKnown,
  type TypedSmarthost,
  typedSmarthostSchema,
  withoutPassword,
} from "./seal-smarthost.ts";
import { sealingKeyOf } from "./sealing-key-of.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { readTargetState } from "./target-state-store.ts";

const testSmarthostInput = z.object({
  serverId: z.uuid(),
  smarthost: typedSmarthostSchema,
  /** Whose password it is when it is left out: that of a relay for senders, or for receivers. */
  keptFor: z
    .object({ of: z.enum(["senders", "receivers"]), name: z.string().max(320) })
    .default({ of: "receivers", name: standbyRelay }),
});

/**
 * Has the host connect to a smarthost and sign in there, without sending mail, before its settings are kept. The job's
 * result is what came of it. Throws `precondition-failed` before the agent has called.
 */
export async function testSmarthost(
  ctx: ServiceContext,
  input: z.input<typeof testSmarthostInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  const { serverId, smarthost, keptFor } = parseInput(testSmarthostInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    const sealed = await sealForTest(tx, { server, smarthost, keptFor });
    const { jobId } = await enqueueJob(tx, ctx, {
      serverId,
      verb: "test-smarthost",
      args: { smarthost: sealed },
    });
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "test-smarthost",
      subject: { kind: "server", id: server.id, name: server.name },
      after: { host: sealed.host, port: sealed.port, username: sealed.username },
    });
    return { jobId };
  });
}

async function sealForTest(
  tx: Transaction,
  {
    server,
    smarthost,
    keptFor,
  }: {
    server: ServerForChange;
    smarthost: TypedSmarthost;
    keptFor: { of: "senders" | "receivers"; name: string };
  },
) {
  const sealingKey = await sealingKeyOf(tx, server.id);
  if (sealingKey === null)
    throw new ServiceError(
      "precondition-failed",
      `A smarthost can be tested once the agent of ${server.name} has called, because the test runs there.`,
    );
  const { password, ...typed } = smarthost;
  const plain = withoutPassword({ ...typed, host: typed.host } as Parameters<typeof withoutPassword>[0]);
  if (smarthost.username === undefined) return plain;
  if (password !== undefined) return { ...plain, password: sealForAgent(password, sealingKey) };
  const { state } = await readTargetState(tx, server);
  const before =
    keptFor.of === "senders"
      ? state.relays.find(({ sendersOf }) => sendersOf === keptFor.name)
      : state.destinationRelays.find(({ to }) => to === keptFor.name);
  return { ...plain, password: requireKnown(smarthost, before?.smarthost ?? null).password };
}
