import { judgeAccounts, type KnownAccount } from "@mailstead/core/accounts";
import type { CheckFinding } from "@mailstead/core/dns";
import { accountAlerts, domains, mailboxes, servers } from "@mailstead/db";
import { and, asc, eq, isNotNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { accountOrderKey } from "./hold-verbs.ts";
import { knownAccount } from "./known-accounts.ts";
import { readWaitingOrders, type WaitingOrder } from "./read-waiting-orders.ts";

const listInput = z.object({ serverId: z.uuid().optional(), domainId: z.uuid().optional() });

/** An account that sends unlike itself or is held, with what to do. */
export interface AccountAlertRow extends KnownAccount {
  readonly serverId: string;
  readonly serverName: string;
  readonly finding: CheckFinding;
  /** What the server was told to do with it and has yet to do. */
  readonly waiting: WaitingOrder | null;
}

const shownMax = 200;

/** Accounts that need somebody, of a server, of a domain, or of all that the context sees; those that are held first. */
export function listAccountAlerts(
  ctx: ServiceContext,
  input: z.input<typeof listInput> = {},
): Promise<readonly AccountAlertRow[]> {
  const { serverId, domainId } = parseInput(listInput, input);
  return withTransaction(ctx, async (tx) => {
    const rows = await tx
      .select({ alert: accountAlerts, serverName: servers.name })
      .from(accountAlerts)
      .innerJoin(servers, eq(servers.id, accountAlerts.serverId))
      .where(
        and(
          or(isNotNull(accountAlerts.certainty), isNotNull(accountAlerts.heldBy)),
          serverId === undefined ? undefined : eq(accountAlerts.serverId, serverId),
          domainId === undefined
            ? undefined
            : sql`${accountAlerts.address} in (select m.local_part || '@' || d.name
                from ${mailboxes} m join ${domains} d on d.id = m.domain_id where d.id = ${domainId})`,
        ),
      )
      .orderBy(sql`${accountAlerts.heldBy} is null`, asc(accountAlerts.address))
      .limit(shownMax);
    const orders = await readWaitingOrders(tx, [...new Set(rows.map((row) => row.alert.serverId))]);
    return rows.flatMap(({ alert, serverName }) => {
      const known = knownAccount(alert);
      const [finding] = judgeAccounts([known]);
      const { serverId: onServer, address } = alert;
      const waiting = orders.get(accountOrderKey(onServer, address)) ?? null;
      return finding === undefined ? [] : [{ ...known, serverId: onServer, serverName, finding, waiting }];
    });
  });
}
