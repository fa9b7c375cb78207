import type { ProviderId } from "@mailstead/core/delivery";
import {
  type ConditionSubject,
  conditionKeyOf,
  deliveryFindingPrefix,
  type HeldSight,
  readFindingDetails,
  scopeOf,
} from "@mailstead/core/findings";
import { checkFindings, type Transaction } from "@mailstead/db";
import { and, gte, isNull, like, or } from "drizzle-orm";
import type { SightOwner } from "./group-sights.ts";
import type { OpenPair } from "./read-sights.ts";

/** A finding about deliveries that is open, or was so lately. */
export interface OpenDelivery {
  readonly owner: SightOwner;
  readonly key: string;
  readonly isOpen: boolean;
  /** When it closed last; null where it has been open all the time. */
  readonly closedAt: Date | null;
  /** What is remembered while it is open. */
  readonly held: HeldSight | null;
  /** Null for a fallen reputation, which is judged otherwise. */
  readonly subject: ConditionSubject | null;
  readonly pair: OpenPair;
}

/** A refusal makes a reputation low for a day, so for a day it is known that a finding said why it is. */
const closedForMs = 24 * 3_600_000;

/** The findings about deliveries that are open, and the newest of each that closed lately. */
export async function readOpenDelivery(
  tx: Transaction,
  known: {
    now: Date;
    servers: ReadonlyMap<string, SightOwner>;
    domains: ReadonlyMap<string, SightOwner>;
  },
): Promise<readonly OpenDelivery[]> {
  const rows = await tx
    .select({
      key: checkFindings.key,
      serverId: checkFindings.serverId,
      domainId: checkFindings.domainId,
      openedAt: checkFindings.openedAt,
      closedAt: checkFindings.closedAt,
      details: checkFindings.details,
    })
    .from(checkFindings)
    .where(
      and(
        like(checkFindings.key, `${deliveryFindingPrefix}%`),
        or(
          isNull(checkFindings.closedAt),
          gte(checkFindings.closedAt, new Date(known.now.getTime() - closedForMs)),
        ),
      ),
    );
  const domainsById = new Map([...known.domains.values()].map((owner) => [owner.id, owner]));
  const all = rows.flatMap((row) => {
    const owner =
      row.serverId === null ? domainsById.get(row.domainId ?? "") : known.servers.get(row.serverId);
    return owner === undefined ? [] : [{ ...row, owner }];
  });
  return [...Map.groupBy(all, ({ owner, key }) => `${owner.id} ${key}`).values()].flatMap((own) => {
    const open = own.find(({ closedAt }) => closedAt === null);
    const closed = own
      .filter(({ closedAt }) => closedAt !== null)
      .map(({ closedAt }) => closedAt?.getTime() ?? 0);
    const [one] = open === undefined ? own : [open];
    if (one === undefined) return [];
    const details = readFindingDetails(one.details);
    const provider = details?.provider ?? null;
    const figures = details?.figures ?? null;
    const opened = one.openedAt.getTime();
    return [
      {
        owner: one.owner,
        key: one.key,
        isOpen: open !== undefined,
        closedAt: closed.length === 0 ? null : new Date(Math.max(...closed)),
        held:
          open === undefined ? null : (figures ?? { firstAt: opened, lastAt: opened, lastDeliveredAt: null }),
        subject: details?.category == null ? null : subjectOf(one.key, details.category, provider),
        pair:
          one.owner.kind === "server"
            ? { serverId: one.owner.id, domain: null, provider }
            : { serverId: null, domain: one.owner.name, provider },
      },
    ];
  });
}

/** What the key says that it is about stands behind the kind and the receiver. */
function subjectOf(
  key: string,
  category: ConditionSubject["category"],
  provider: ProviderId | null,
): ConditionSubject {
  const start = conditionKeyOf({ category, provider, about: "" });
  return { category, provider, scope: scopeOf(category), about: key.slice(start.length).trim() };
}
