import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import { standbyRelay, type TargetState } from "@mailstead/core/servers";
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
import { receiverPurpose, sealRelayPassword } from "./relay-passwords.ts";
import { sealForAgent } from "./seal-secret.ts";
import {
  requireKnown,
  typedSmarthostSchema,
  type WantedSmarthost,
  withoutPassword,
} from "./seal-smarthost.ts";
import { sealingKeyOf } from "./sealing-key-of.ts";
import { getServerForChange, type ServerForChange } from "./server-for-change.ts";
import { readTargetState } from "./target-state-store.ts";

const keptForSchema = z.object({ of: z.enum(["senders", "receivers"]), name: z.string().max(320) });
/** Whose smarthost it is: one for senders, or for receivers. A password that is left out is that of this very one. */
export type KeptFor = z.infer<typeof keptForSchema>;

const testSmarthostInput = z.object({
  serverId: z.uuid(),
  smarthost: typedSmarthostSchema,
  keptFor: keptForSchema.default({ of: "receivers", name: standbyRelay }),
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
    const { jobId, tried } = await enqueueTrial(tx, ctx, { server, smarthost, keptFor });
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "test-smarthost",
      subject: { kind: "server", id: server.id, name: server.name },
      after: { host: tried.host, port: tried.port, username: tried.username },
    });
    return { jobId };
  });
}

interface Trial {
  server: ServerForChange;
  smarthost: WantedSmarthost;
  keptFor: KeptFor;
}

/** Asks the host to try a smarthost. Throws `precondition-failed` before the agent has called. */
export async function enqueueTrial(
  tx: Transaction,
  ctx: ServiceContext,
  { server, smarthost, keptFor }: Trial,
) {
  const { state } = await readTargetState(tx, server);
  const tried = await sealForTest(tx, ctx, { server, smarthost, keptFor, state });
  const sender = senderOf(state, keptFor);
  const { jobId } = await enqueueJob(tx, ctx, {
    serverId: server.id,
    verb: "test-smarthost",
    args: { smarthost: tried, ...(sender === null ? {} : { sender }) },
  });
  return { jobId, tried };
}

/** An address in whose name mail will go that way; null while nobody sends from this server. */
function senderOf(state: TargetState, { of, name }: KeptFor) {
  const isAll = of === "receivers" || name === "*";
  const domain = isAll ? (state.domains[0]?.name ?? "") : name;
  return hostedAddressSchema.safeParse(domain.includes("@") ? domain : `postmaster@${domain}`).data ?? null;
}

async function sealForTest(
  tx: Transaction,
  ctx: ServiceContext,
  { server, smarthost, keptFor, state }: Trial & { state: TargetState },
) {
  const sealingKey = await sealingKeyOf(tx, server.id);
  if (sealingKey === null)
    throw new ServiceError(
      "precondition-failed",
      `A smarthost can be tested once the agent of ${server.name} has called, because the test runs there. Until then it can only be used untested.`,
    );
  const { password, ...typed } = smarthost;
  const plain = withoutPassword({ ...typed, host: typed.host } as Parameters<typeof withoutPassword>[0]);
  if (smarthost.username === undefined) return plain;
  // A password that is only tried is kept nowhere, so a process without the master key can try it.
  if (typeof password === "string") return { ...plain, password: sealForAgent(password, sealingKey) };
  if (password !== undefined) {
    const purpose = keptFor.of === "senders" ? keptFor.name : receiverPurpose(keptFor.name);
    const { sealed } = await sealRelayPassword(tx, ctx, { server, purpose, password });
    return { ...plain, password: sealed };
  }
  const before =
    keptFor.of === "senders"
      ? state.relays.find(({ sendersOf }) => sendersOf === keptFor.name)
      : state.destinationRelays.find(({ to }) => to === keptFor.name);
  return { ...plain, password: requireKnown(smarthost, before?.smarthost ?? null).password };
}
