import {
  type EnrolRefusal,
  type EnrolRequest,
  type EnrolResponse,
  enrolRequestSchema,
} from "@mailstead/core/enrolment";
import { newId, type Transaction } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { z } from "zod";
import { hashToken } from "../access/index.ts";
import { recordAudit } from "../audit/index.ts";
import {
  type Installation,
  type SystemContext,
  violatedIndex,
  withSystemTransaction,
} from "../context/index.ts";

export type Enrolment =
  /** `heldBy` is the gateway whose connection of the agent that was replaced must end at once, when there is one. */
  | { kind: "enrolled"; response: EnrolResponse; heldBy: string | null }
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
    if (violatedIndex(error) === "agents_machine") return refusals["host-already-enrolled"];
    throw error;
  }
}

async function enrol(
  tx: Transaction,
  ctx: SystemContext & { installation: Pick<Installation, "gatewayUrl" | "signingPublicKey"> },
  request: EnrolRequest,
): Promise<Enrolment> {
  const now = ctx.now();
  const agentId = newId(now);
  // One function checks the token, uses it up and writes the agent, so that no key comes in without a token.
  const { rows } = await tx.execute<{ taken: unknown }>(sql`select enrol_agent(${hashToken(request.token)},
    ${agentId}, ${request.agentPublicKey}, ${request.sealingPublicKey}, ${request.machineId}, ${request.hostname},
    ${request.agentVersion}, ${request.protocolVersion}, ${now}) as taken`);
  const taken = takenSchema.parse(rows[0]?.taken);
  if (taken.outcome !== "enrolled") return refusals[taken.outcome];
  const { serverId, organisationId, tenantId } = taken;
  const actor = { kind: "agent" as const, agentId, name: request.hostname };
  await recordAudit(
    tx,
    { ...ctx, actor },
    {
      organisationId,
      tenantId,
      action: "enrol-agent",
      subject: { kind: "server", id: serverId, name: taken.serverName },
      before: taken.replaced,
      after: { agentId, hostname: request.hostname, agentVersion: request.agentVersion },
    },
  );
  const { gatewayUrl, signingPublicKey } = ctx.installation;
  const response = { agentId, serverId, gatewayUrl, signingPublicKey };
  return { kind: "enrolled", response, heldBy: taken.heldBy };
}

/** What `enrol_agent` of the database returns. */
const takenSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.enum(["token-unknown", "token-used", "token-expired", "host-already-enrolled"]),
  }),
  z.object({
    outcome: z.literal("enrolled"),
    serverId: z.uuid(),
    serverName: z.string(),
    organisationId: z.uuid(),
    tenantId: z.uuid(),
    heldBy: z.uuid().nullable(),
    replaced: z.object({ id: z.uuid(), hostname: z.string(), machineId: z.string() }).nullable(),
  }),
]);

const refusals = {
  "token-unknown": refuse(
    "token-unknown",
    "Mailstead does not know this token. Copy the command from the server's page again, whole.",
  ),
  "token-used": refuse("token-used", "This token has been used. Make a new command on the server's page."),
  "token-expired": refuse(
    "token-expired",
    "This token has expired. Make a new command on the server's page.",
  ),
  "host-already-enrolled": refuse(
    "host-already-enrolled",
    "This host is enrolled as another server. Remove that server in Mailstead, or run the command on another host; a copied machine needs a machine id of its own.",
  ),
};

function refuse(code: EnrolRefusal["code"], sentence: string): Enrolment {
  return { kind: "refused", refusal: { code, sentence } };
}
