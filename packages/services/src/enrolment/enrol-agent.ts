import {
  type EnrolRefusal,
  type EnrolRequest,
  type EnrolResponse,
  enrolRequestSchema,
} from "@mailstead/core/enrolment";
import { agents, dkimKeys, enrolmentTokens, newId, servers, type Transaction } from "@mailstead/db";
import { and, eq, ne } from "drizzle-orm";
import { hashToken } from "../access/index.ts";
import { recordAudit } from "../audit/index.ts";
import {
  type Installation,
  type SystemContext,
  violatedIndex,
  withSystemTransaction,
} from "../context/index.ts";

export type Enrolment =
  | { kind: "enrolled"; response: EnrolResponse }
  | { kind: "refused"; refusal: EnrolRefusal };

/**
 * Takes an agent in with its one-time token. The agent of a server that was set up anew takes the place of the old
 * one. A refusal carries a sentence for the person at the shell.
 */
export async function enrolAgent(
  ctx: SystemContext & { installation: Pick<Installation, "gatewayUrl" | "signingPublicKey"> },
  request: EnrolRequest,
): Promise<Enrolment> {
  const parsed = enrolRequestSchema.safeParse(request);
  if (!parsed.success)
    return refuse(
      "invalid",
      "The agent sent a request that Mailstead does not understand; install its newest version.",
    );
  try {
    return await withSystemTransaction(ctx, (tx) => enrol(tx, ctx, parsed.data));
  } catch (error) {
    // Two requests with one machine id came at the same moment.
    if (violatedIndex(error) === "agents_machine") return refuseSecondServer();
    throw error;
  }
}

async function enrol(
  tx: Transaction,
  ctx: SystemContext & { installation: Pick<Installation, "gatewayUrl" | "signingPublicKey"> },
  request: EnrolRequest,
): Promise<Enrolment> {
  const now = ctx.now();
  const [token] = await tx
    .select()
    .from(enrolmentTokens)
    .where(eq(enrolmentTokens.tokenHash, hashToken(request.token)))
    .for("update");
  if (token === undefined)
    return refuse(
      "token-unknown",
      "Mailstead does not know this token. Copy the command from the server's page again, whole.",
    );
  if (token.usedAt !== null)
    return refuse("token-used", "This token has been used. Make a new command on the server's page.");
  if (token.expiresAt <= now)
    return refuse("token-expired", "This token has expired. Make a new command on the server's page.");

  const { serverId, organisationId, tenantId } = token;
  const elsewhere = await tx
    .select({ id: agents.id })
    .from(agents)
    .where(
      and(
        eq(agents.organisationId, organisationId),
        eq(agents.machineId, request.machineId),
        ne(agents.serverId, serverId),
      ),
    );
  if (elsewhere.length > 0) return refuseSecondServer();

  await tx.update(enrolmentTokens).set({ usedAt: now }).where(eq(enrolmentTokens.id, token.id));
  const [replaced] = await tx
    .delete(agents)
    .where(eq(agents.serverId, serverId))
    .returning({ id: agents.id, hostname: agents.hostname, machineId: agents.machineId });
  const agentId = newId(now);
  await tx.insert(agents).values({
    id: agentId,
    organisationId,
    tenantId,
    serverId,
    publicKey: request.agentPublicKey,
    sealingKey: request.sealingPublicKey,
    machineId: request.machineId,
    hostname: request.hostname,
    agentVersion: request.agentVersion,
    protocolVersion: request.protocolVersion,
    enrolledAt: now,
  });
  const [server] = await tx
    .update(servers)
    .set({ enrolmentState: "enrolled", gatewayId: null })
    .where(eq(servers.id, serverId))
    .returning({ name: servers.name });
  const actor = { kind: "agent" as const, agentId, name: request.hostname };
  await recordAudit(
    tx,
    { ...ctx, actor },
    {
      organisationId,
      tenantId,
      action: "enrol-agent",
      subject: { kind: "server", id: serverId, name: server?.name ?? "" },
      before: replaced ?? null,
      after: { agentId, hostname: request.hostname, agentVersion: request.agentVersion },
    },
  );
  if (replaced !== undefined && replaced.machineId !== request.machineId) await forgetHost(tx, serverId);
  const { gatewayUrl, signingPublicKey } = ctx.installation;
  return { kind: "enrolled", response: { agentId, serverId, gatewayUrl, signingPublicKey } };
}

/** Another machine holds nothing of what the one before it held: not the stack, not the directory, not the keys. */
async function forgetHost(tx: Transaction, serverId: string): Promise<void> {
  await tx
    .update(servers)
    .set({
      facts: null,
      factsAt: null,
      observed: null,
      observedAt: null,
      hasDrift: false,
      installRequestedAt: null,
      appliedRevision: 0,
      appliedDirectoryEpoch: 0,
      appliedDirectoryRevision: 0,
    })
    .where(eq(servers.id, serverId));
  // reportedAt stays, so that a key that is gone can be told from one that was never made.
  await tx.update(dkimKeys).set({ publicKey: null }).where(eq(dkimKeys.serverId, serverId));
}

function refuseSecondServer(): Enrolment {
  return refuse(
    "host-already-enrolled",
    "This host is enrolled as another server. Remove that server in Mailstead, or run the command on another host; a copied machine needs a machine id of its own.",
  );
}

function refuse(code: EnrolRefusal["code"], sentence: string): Enrolment {
  return { kind: "refused", refusal: { code, sentence } };
}
