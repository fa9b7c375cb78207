import { clientSettings } from "@mailstead/core/mailboxes";
import { domainServers, domains, mailboxes, servers } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, ServiceError, withTransaction } from "../context/index.ts";

const clientSettingsInput = z.object({ mailboxId: z.uuid() });

/** What a person types into a mail program for a mailbox. Throws `not-found`. */
export async function getClientSettings(ctx: ServiceContext, input: z.input<typeof clientSettingsInput>) {
  const { mailboxId } = parseInput(clientSettingsInput, input);
  return withTransaction(ctx, async (tx) => {
    const [row] = await tx
      .select({ localPart: mailboxes.localPart, domain: domains.name, hostname: servers.hostname })
      .from(mailboxes)
      .innerJoin(domains, eq(domains.id, mailboxes.domainId))
      .innerJoin(domainServers, eq(domainServers.domainId, domains.id))
      .innerJoin(servers, eq(servers.id, domainServers.serverId))
      .where(and(eq(mailboxes.id, mailboxId), eq(domainServers.role, "home")));
    if (row === undefined) throw new ServiceError("not-found", "There is no such mailbox.");
    return clientSettings(`${row.localPart}@${row.domain}`, row.hostname);
  });
}
