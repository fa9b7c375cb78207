import { verify } from "node:crypto";
import { type AgentFrame, type GatewayFrame, oldestProtocolVersion, proofText } from "@mailstead/core/wire";
import { agents, servers, type Transaction } from "@mailstead/db";
import { and, eq, isNull, lt, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { loseContact } from "../jobs/index.ts";
import { readAgentKey } from "./agent-key.ts";

export type AgentProof = Extract<AgentFrame, { type: "proof" }>;
export type SessionRefusal = Omit<Extract<GatewayFrame, { type: "refused" }>, "type">;

/** One connection of one agent, told from all others by its counter. */
export interface AgentSession {
  readonly agentId: string;
  readonly serverId: string;
  readonly organisationId: string;
  readonly tenantId: string;
  readonly sessionCounter: number;
}

export type OpenedSession =
  | { kind: "welcome"; session: AgentSession }
  /** `heldBy` is the gateway whose connection of that server must end at once, when there is one. */
  | { kind: "refused"; refusal: SessionRefusal; heldBy?: { serverId: string; gatewayId: string } };

/** The gateway's role sees of an agent what it must prove and whose it is. */
const agentColumns = {
  id: agents.id,
  organisationId: agents.organisationId,
  tenantId: agents.tenantId,
  serverId: agents.serverId,
  publicKey: agents.publicKey,
  hostname: agents.hostname,
  sessionCounter: agents.sessionCounter,
  quarantinedAt: agents.quarantinedAt,
};
type KnownAgent = Pick<typeof agents.$inferSelect, keyof typeof agentColumns>;

// A refusal that only a person can end is tried again rarely.
const retryAfterRefusalMs = 10 * 60_000;

/**
 * Lets an agent in that proves its key on this connection's nonce and shows a counter above all before. A counter
 * that was used already means that two hosts hold one identity: the agent is put in quarantine until a person has
 * looked, with an audit entry, and whoever is connected under it loses its jobs.
 */
export function openAgentSession(
  ctx: SystemContext,
  { proof, nonce, gatewayId }: { proof: AgentProof; nonce: string; gatewayId: string },
): Promise<OpenedSession> {
  return withSystemTransaction(ctx, async (tx) => {
    if (proof.protocolVersion < oldestProtocolVersion)
      return refuse(
        "protocol-too-old",
        `This agent speaks version ${proof.protocolVersion} of the protocol and the control plane needs ${oldestProtocolVersion}; install the agent again.`,
      );
    const [agent] = await tx
      .select(agentColumns)
      .from(agents)
      .where(eq(agents.id, proof.agentId))
      .for("update");
    if (!agent)
      return refuse(
        "unknown-agent",
        "This server is not known here any more; enrol it again from the dashboard.",
      );
    const isProven = verify(
      null,
      Buffer.from(proofText({ ...proof, nonce }), "utf8"),
      readAgentKey(agent.publicKey),
      Buffer.from(proof.signature, "base64"),
    );
    if (!isProven) return refuse("bad-signature", "The agent did not prove that it holds its key.");
    if (agent.quarantinedAt !== null) return refuse("quarantined", quarantineSentence);
    const isNewer = await tx
      .update(agents)
      .set({
        sessionCounter: proof.sessionCounter,
        bootId: proof.bootId,
        agentVersion: proof.agentVersion,
        protocolVersion: proof.protocolVersion,
      })
      .where(
        and(
          eq(agents.id, agent.id),
          lt(agents.sessionCounter, proof.sessionCounter),
          isNull(agents.quarantinedAt),
        ),
      )
      .returning({ id: agents.id });
    if (isNewer.length === 0) {
      const heldBy = await quarantine(tx, { ctx, agent, sessionCounter: proof.sessionCounter });
      return {
        ...refuse("old-counter", quarantineSentence),
        ...(heldBy === null ? {} : { heldBy: { serverId: agent.serverId, gatewayId: heldBy } }),
      };
    }
    const now = ctx.now();
    await tx
      .update(servers)
      .set({ gatewayId, connectedAt: now, lastSeenAt: now })
      .where(eq(servers.id, agent.serverId));
    const { id: agentId, serverId, organisationId, tenantId } = agent;
    const session = { agentId, serverId, organisationId, tenantId, sessionCounter: proof.sessionCounter };
    return { kind: "welcome", session };
  });
}

const quarantineSentence =
  "Two hosts have used the identity of this server, as happens when a machine is cloned, so both are locked out. Find out which one is right in the dashboard, then enrol it again.";

function refuse(code: SessionRefusal["code"], sentence: string): OpenedSession & { kind: "refused" } {
  return { kind: "refused", refusal: { code, sentence, retryAfterMs: retryAfterRefusalMs } };
}

interface Clone {
  ctx: SystemContext;
  agent: KnownAgent;
  sessionCounter: number;
}

/** Returns the gateway that held a connection of the server. */
async function quarantine(tx: Transaction, { ctx, agent, sessionCounter }: Clone): Promise<string | null> {
  const { serverId, organisationId, tenantId } = agent;
  const { rows } = await tx.execute<{ server_name: string; held_by: string | null }>(
    sql`select server_name, held_by from quarantine_agent(${agent.id}, ${ctx.now()})`,
  );
  const held = rows[0];
  await loseContact(tx, { serverIds: [serverId] });
  await recordAudit(tx, ctx, {
    organisationId,
    tenantId,
    action: "quarantine-server",
    subject: { kind: "server", id: serverId, name: held?.server_name ?? agent.hostname },
    before: { sessionCounter: agent.sessionCounter },
    after: { sessionCounter },
  });
  return held?.held_by ?? null;
}
