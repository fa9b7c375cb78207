import { isInZone } from "@mailstead/core/zones";
import { zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { readConnectionValues, readWaitingFor } from "./connection-values.ts";
import { readDomainValues } from "./own-values.ts";
import { readReachedZones } from "./record-custody.ts";

interface ShownValue {
  name: string;
  type: string;
  value: string;
}

export interface WithdrawalPreview {
  /** Ours, and taken away at once. */
  going: ShownValue[];
  /** DKIM keys of ours, taken away when no mail can be on its way any more. */
  keys: ShownValue[];
  /** Ours, and needed by a server that remains. */
  staying: ShownValue[];
  /** Zones that no connection reaches any more: what is ours there is for a person to take away. */
  unreachable: string[];
  /** Zones that servers of ours answer for; what a domain needs there goes with it by itself. */
  hosted: string[];
}

/** What removing a domain would take out of its zones. Throws `not-found`. */
export async function previewDomainWithdrawal(
  ctx: ServiceContext,
  input: { domainId: string },
): Promise<WithdrawalPreview> {
  const { domainId } = parseInput(z.object({ domainId: z.uuid() }), input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const { going, keys, staying } = await readDomainValues(tx, domain);
    const reached = await readReachedZones(tx, domain.tenantId);
    const hosted = await tx
      .select({ name: zones.name })
      .from(zones)
      .where(eq(zones.tenantId, domain.tenantId));
    return {
      going,
      keys,
      staying,
      unreachable: [...new Set([...going, ...keys].map(({ zone }) => zone))].filter(
        (zone) => !reached.has(zone),
      ),
      hosted: hosted.map(({ name }) => name).filter((zone) => isInZone(domain.name, zone)),
    };
  });
}

export interface ConnectionWithdrawalPreview {
  /** Ours, and taken away at once when that is wanted. */
  going: ShownValue[];
  /** DKIM keys of removed domains, taken away later when that is wanted. */
  later: ShownValue[];
  /** DKIM keys that domains sign with, which stay whatever is wanted. */
  keys: ShownValue[];
  /** What is being taken away already, and for which the connection is kept until that is done. */
  waiting: ShownValue[];
}

/** What removing a connection would take out of its zones, when that is wanted with it. */
export async function previewConnectionWithdrawal(
  ctx: ServiceContext,
  input: { connectionId: string },
): Promise<ConnectionWithdrawalPreview> {
  const { connectionId } = parseInput(z.object({ connectionId: z.uuid() }), input);
  return withTransaction(ctx, async (tx) => {
    const { going, later, keys } = await readConnectionValues(tx, { connectionId, now: ctx.now() });
    return {
      going: going.flatMap(({ values }) => values),
      later: later.flatMap(({ values }) => values),
      keys,
      waiting: await readWaitingFor(tx, connectionId),
    };
  });
}
