import { verify } from "node:crypto";
import { type AgentFrame, type GatewayFrame, oldestProtocolVersion, proofText } from "@mailstead/core/wire";
import { agents, servers, type Transaction } from "@mailstead/db";
import { inArray, sql } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import {
  type Answers,
  type Apart,
  type Asked,
  alone,
  apart,
  ConnectionOverError,
  type SystemContext,
  withConnections,
} from "../context/index.ts";
import { lockServers, loseContact } from "../jobs/index.ts";
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

export interface WantedSession {
  readonly proof: AgentProof;
  readonly nonce: string;
  readonly gatewayId: string;
  /** Asked once it is the agent's turn: one that has gone may have proven itself elsewhere since, by a higher counter. */
  readonly hasGone?: () => boolean;
}

/**
 * Lets an agent in that proves its key on this connection's nonce and shows a counter above all before. A counter
 * that was used already means that two hosts hold one identity: the agent is put in quarantine until a person has
 * looked, with an audit entry, and whoever is connected under it loses its jobs.
 */
export function openAgentSession(ctx: SystemContext, wanted: WantedSession): Promise<OpenedSession> {
  return alone(openAgentSessions, ctx, wanted);
}

/** The same of several agents of one gateway in one transaction; each agent may be among them once. */
export function openAgentSessions(asked: readonly Asked<WantedSession>[]): Promise<Answers<OpenedSession>> {
  return withConnections(asked, async (tx, ctx, wanted) => {
    const known = await lockAgents(
      tx,
      wanted.map(({ proof }) => proof.agentId),
    );
    const locked = await lockServers(
      tx,
      [...known.values()].map(({ serverId }) => serverId),
    );
    const answers: (OpenedSession | Apart | ConnectionOverError)[] = [];
    const welcome: Welcome[] = [];
    for (const { proof, nonce, gatewayId, hasGone } of wanted) {
      if (hasGone?.()) {
        answers.push(new ConnectionOverError("This agent has gone before it was let in."));
        continue;
      }
      const agent = known.get(proof.agentId);
      const refusal = refuseUnproven(agent, { proof, nonce });
      if (agent === undefined || refusal !== null) {
        answers.push(refusal ?? refuseUnknown());
        continue;
      }
      const isClone = agent.sessionCounter >= proof.sessionCounter;
      // What locks a clone out takes locks of its own, and a server that somebody has in hand is waited for alone.
      if (wanted.length > 1 && (isClone || !locked.has(agent.serverId))) answers.push(apart);
      else if (isClone) answers.push(await lockOut(tx, { ctx, agent, sessionCounter: proof.sessionCounter }));
      else {
        welcome.push({ agent, proof, gatewayId });
        const { id: agentId, serverId, organisationId, tenantId } = agent;
        const session = { agentId, serverId, organisationId, tenantId, sessionCounter: proof.sessionCounter };
        answers.push({ kind: "welcome", session });
      }
    }
    await noteSessions(tx, welcome, ctx.now());
    return answers;
  });
}

/** In one order, so that two that lock the same do not wait for each other. */
async function lockAgents(
  tx: Transaction,
  agentIds: readonly string[],
): Promise<ReadonlyMap<string, KnownAgent>> {
  const rows = await tx
    .select(agentColumns)
    .from(agents)
    .where(inArray(agents.id, [...agentIds]))
    .orderBy(agents.id)
    .for("update");
  return new Map(rows.map((agent) => [agent.id, agent]));
}

interface Welcome {
  readonly agent: KnownAgent;
  readonly proof: AgentProof;
  readonly gatewayId: string;
}

/** Notes what agents showed and who holds their servers now, the rows of both being locked. */
async function noteSessions(tx: Transaction, welcome: readonly Welcome[], now: Date): Promise<void> {
  if (welcome.length === 0) return;
  const records = welcome.map(({ agent, proof, gatewayId }) => ({
    agent_id: agent.id,
    server_id: agent.serverId,
    gateway_id: gatewayId,
    session_counter: proof.sessionCounter,
    boot_id: proof.bootId,
    agent_version: proof.agentVersion,
    protocol_version: proof.protocolVersion,
  }));
  const told = (columns: string) =>
    sql`jsonb_to_recordset(${JSON.stringify(records)}::jsonb) as told (${sql.raw(columns)})`;
  await tx.execute(sql`update ${agents} as agent set session_counter = told.session_counter, boot_id = told.boot_id,
      agent_version = told.agent_version, protocol_version = told.protocol_version
    from ${told("agent_id uuid, session_counter bigint, boot_id text, agent_version text, protocol_version integer")}
    where agent.id = told.agent_id`);
  await tx.execute(sql`update ${servers} as server set gateway_id = told.gateway_id,
      connected_at = ${now.toISOString()}::timestamptz, last_seen_at = ${now.toISOString()}::timestamptz
    from ${told("server_id uuid, gateway_id uuid")} where server.id = told.server_id`);
}

/** Why an agent is not let in, before its counter is looked at; null where nothing speaks against it. */
function refuseUnproven(
  agent: KnownAgent | undefined,
  { proof, nonce }: Pick<WantedSession, "proof" | "nonce">,
): Refused | null {
  if (proof.protocolVersion < oldestProtocolVersion)
    return refuse(
      "protocol-too-old",
      `This agent speaks version ${proof.protocolVersion} of the protocol and the control plane needs ${oldestProtocolVersion}; install the agent again.`,
    );
  if (agent === undefined) return refuseUnknown();
  const isProven = verify(
    null,
    Buffer.from(proofText({ ...proof, nonce }), "utf8"),
    readAgentKey(agent.publicKey),
    Buffer.from(proof.signature, "base64"),
  );
  if (!isProven) return refuse("bad-signature", "The agent did not prove that it holds its key.");
  return agent.quarantinedAt === null ? null : refuse("quarantined", quarantineSentence);
}

async function lockOut(tx: Transaction, clone: Clone): Promise<Refused> {
  const heldBy = await quarantine(tx, clone);
  return {
    ...refuse("old-counter", quarantineSentence),
    ...(heldBy === null ? {} : { heldBy: { serverId: clone.agent.serverId, gatewayId: heldBy } }),
  };
}

const quarantineSentence =
  "Two hosts have used the identity of this server, as happens when a machine is cloned, so both are locked out. Find out which one is right in the dashboard, then enrol it again.";

type Refused = OpenedSession & { kind: "refused" };

function refuseUnknown(): Refused {
  return refuse(
    "unknown-agent",
    "This server is not known here any more; enrol it again from the dashboard.",
  );
}

function refuse(code: SessionRefusal["code"], sentence: string): Refused {
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
