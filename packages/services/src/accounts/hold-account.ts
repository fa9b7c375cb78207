import { hostedAddressSchema } from "@mailstead/core/mailboxes";
import { accountAlerts, domainServers, domains, mailboxes, type Transaction } from "@mailstead/db";
import { and, eq, isNull } from "drizzle-orm";
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
import { getServerForChange } from "../servers/index.ts";
import type { HoldVerb } from "./hold-verbs.ts";

const accountInput = z.object({ serverId: z.uuid(), address: hostedAddressSchema });
const mailboxInput = z.object({ mailboxId: z.uuid() });

/**
 * Has a server take nothing more from one of its accounts, and put what of it is queued on hold. Throws `not-found` for an
 * address that is no mailbox of the server's, and `precondition-failed` before its agent has called.
 */
export async function holdAccount(
  ctx: ServiceContext,
  input: z.input<typeof accountInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  return order(ctx, { ...parseInput(accountInput, input), verb: "hold-account" });
}

/**
 * Lets an account of a server send again, with what was held of it; one that is not held ends its alert. Throws as
 * `holdAccount` does.
 */
export async function releaseAccount(
  ctx: ServiceContext,
  input: z.input<typeof accountInput>,
): Promise<{ jobId: string }> {
  requireRole(ctx, "technician");
  return order(ctx, { ...parseInput(accountInput, input), verb: "release-account" });
}

/** Holds a mailbox on every server that it may send by. Throws `not-found`, and `precondition-failed` where none has an agent. */
export async function holdMailbox(
  ctx: ServiceContext,
  input: z.input<typeof mailboxInput>,
): Promise<{ jobIds: readonly string[] }> {
  requireRole(ctx, "technician");
  const { mailboxId } = parseInput(mailboxInput, input);
  return withTransaction(ctx, async (tx) => {
    const hosts = await tx
      .select({ serverId: domainServers.serverId, localPart: mailboxes.localPart, domain: domains.name })
      .from(mailboxes)
      .innerJoin(domains, eq(domains.id, mailboxes.domainId))
      .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
      .where(and(eq(mailboxes.id, mailboxId), isNull(domainServers.leavesSince)))
      .orderBy(domainServers.serverId);
    if (hosts.length === 0) throw new ServiceError("not-found", "There is no such mailbox.");
    const jobIds: string[] = [];
    for (const { serverId, localPart, domain } of hosts) {
      const address = hostedAddressSchema.parse(`${localPart}@${domain}`);
      jobIds.push((await orderIn(tx, ctx, { serverId, address, verb: "hold-account" })).jobId);
    }
    return { jobIds };
  });
}

interface Order extends z.output<typeof accountInput> {
  readonly verb: HoldVerb;
}

function order(ctx: ServiceContext, wanted: Order): Promise<{ jobId: string }> {
  return withTransaction(ctx, async (tx) => {
    await requireAccount(tx, wanted);
    return orderIn(tx, ctx, wanted);
  });
}

async function orderIn(
  tx: Transaction,
  ctx: ServiceContext,
  { serverId, address, verb }: Order,
): Promise<{ jobId: string }> {
  const server = await getServerForChange(tx, serverId);
  if (server.enrolmentState === "awaiting-agent")
    throw new ServiceError("precondition-failed", `The agent of ${server.name} has not called yet.`);
  const { jobId } = await enqueueJob(tx, ctx, { serverId, verb, args: { address } });
  await recordAudit(tx, ctx, {
    organisationId: server.organisationId,
    tenantId: server.tenantId,
    action: verb,
    subject: { kind: "server", id: serverId, name: server.name },
    after: { address, jobId },
  });
  return { jobId };
}

/** A mailbox of a domain that is on the server, or one that the server has told of, which may be gone meanwhile. */
async function requireAccount(tx: Transaction, { serverId, address }: Order): Promise<void> {
  const at = address.lastIndexOf("@");
  const [mailbox] = await tx
    .select({ id: mailboxes.id })
    .from(mailboxes)
    .innerJoin(domains, eq(domains.id, mailboxes.domainId))
    .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
    .where(
      and(
        eq(domainServers.serverId, serverId),
        eq(domains.name, address.slice(at + 1)),
        eq(mailboxes.localPart, address.slice(0, at)),
      ),
    );
  const [told] = await tx
    .select({ address: accountAlerts.address })
    .from(accountAlerts)
    .where(and(eq(accountAlerts.serverId, serverId), eq(accountAlerts.address, address)));
  if (mailbox === undefined && told === undefined)
    throw new ServiceError("not-found", "There is no such mailbox on that server.");
}
