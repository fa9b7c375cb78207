import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import { parseInput, requireRole, type ServiceContext, withTransaction } from "../context/index.ts";
import { type IssuedEnrolment, issueEnrolmentToken } from "./issue-enrolment-token.ts";
import { getServerForChange } from "./server-for-change.ts";

const renewEnrolmentInput = z.object({ serverId: z.uuid() });

/**
 * Makes a new command for a server, also for one whose host was set up anew: the agent that uses it takes the
 * place of the old one.
 */
export async function renewEnrolment(
  ctx: ServiceContext,
  input: z.input<typeof renewEnrolmentInput>,
): Promise<IssuedEnrolment> {
  requireRole(ctx, "technician");
  const { serverId } = parseInput(renewEnrolmentInput, input);
  return withTransaction(ctx, async (tx) => {
    const server = await getServerForChange(tx, serverId);
    await recordAudit(tx, ctx, {
      organisationId: server.organisationId,
      tenantId: server.tenantId,
      action: "renew-enrolment",
      subject: { kind: "server", id: server.id, name: server.name },
    });
    return issueEnrolmentToken(tx, ctx, server);
  });
}
