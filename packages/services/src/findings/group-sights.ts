import { type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import {
  type ConditionSubject,
  conditionKeyOf,
  isToldOf,
  type SightBucket,
  scopeOf,
} from "@mailstead/core/findings";
import type { SightRow } from "./read-sights.ts";

/** Whose finding it is: a server, or a domain of the organisation. */
export interface SightOwner {
  readonly kind: "server" | "domain";
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
}

/** Everything that is known of one condition before it is judged. */
export interface GroupedSight extends ConditionSubject {
  readonly key: string;
  readonly owner: SightOwner;
  readonly buckets: readonly SightBucket[];
  /** Servers of these counts. */
  readonly serverIds: readonly string[];
  /** The one domain that nine of ten of its replies were about; null where it is spread. */
  readonly mostlyOf: string | null;
}

const mostly = 0.9;

/**
 * Sorts counts into conditions: by the address, the domain or the server that a kind of reply speaks of. `open` are
 * conditions that are looked at whether or not they were seen again.
 */
export function groupSights(
  rows: readonly SightRow[],
  {
    servers,
    domains,
    signingIn,
    open,
  }: {
    servers: ReadonlyMap<string, SightOwner>;
    domains: ReadonlyMap<string, SightOwner>;
    /** Servers that sign in at a smarthost. */
    signingIn: ReadonlySet<string>;
    open: readonly (ConditionSubject & { owner: SightOwner })[];
  },
): readonly GroupedSight[] {
  const found = new Map<string, ConditionSubject & { owner: SightOwner }>();
  const add = (one: ConditionSubject & { owner: SightOwner }) =>
    found.set(`${one.owner.id} ${conditionKeyOf(one)}`, one);
  for (const row of rows) {
    const { category } = row;
    if (category === null || !isWorthTelling(category, { row, signingIn })) continue;
    const owner = ownerOf(row, category, { servers, domains });
    if (owner === undefined) continue;
    const scope = scopeOf(category);
    add({ category, provider: row.provider, scope, about: aboutOf(row, scope), owner });
  }
  for (const one of open) add(one);
  return [...found.values()].map((one) => {
    const own = rows.filter((row) => isAbout(row, one, servers));
    const failing = own.filter(({ category }) => category === one.category);
    return {
      ...one,
      key: conditionKeyOf(one),
      buckets: bucketsOf(own, one.category),
      serverIds: [...new Set(failing.map(({ serverId }) => serverId))],
      mostlyOf: mostlyOf(failing),
    };
  });
}

/**
 * Hosts that receive for themselves have nothing in common, so only what all of them would refuse is told of them, and
 * what a smarthost says of the account there, which stops all mail that is led through it.
 */
function isWorthTelling(
  category: ReplyCategory,
  { row: { provider, serverId }, signingIn }: { row: SightRow; signingIn: ReadonlySet<string> },
): boolean {
  if (!isToldOf(category)) return false;
  if (provider !== null || replyCategories[category].severity === "critical") return true;
  return isOfSmarthost(category) && signingIn.has(serverId);
}

/** Whether a kind of reply is what smarthosts say, and of receivers none but a broken one. */
export function isOfSmarthost(category: ReplyCategory | null): boolean {
  return category === "smtp-auth";
}

function ownerOf(
  row: SightRow,
  category: ReplyCategory,
  known: { servers: ReadonlyMap<string, SightOwner>; domains: ReadonlyMap<string, SightOwner> },
): SightOwner | undefined {
  const server = known.servers.get(row.serverId);
  const ofDomain = scopeOf(category) === "domain" ? known.domains.get(row.domain) : undefined;
  // Any host may name any domain; what it says of another customer's is its own trouble.
  return ofDomain !== undefined && ofDomain.tenantId === server?.tenantId ? ofDomain : server;
}

function aboutOf(row: SightRow, scope: ConditionSubject["scope"]): string {
  return scope === "address" ? row.address : scope === "domain" ? row.domain : "";
}

function isAbout(
  row: SightRow,
  { provider, scope, about, owner }: ConditionSubject & { owner: SightOwner },
  servers: ReadonlyMap<string, SightOwner>,
): boolean {
  if (row.provider !== provider || servers.get(row.serverId)?.tenantId !== owner.tenantId) return false;
  if (owner.kind === "server" && row.serverId !== owner.id) return false;
  return about === "" || aboutOf(row, scope) === about;
}

function bucketsOf(rows: readonly SightRow[], category: ReplyCategory): readonly SightBucket[] {
  return [...Map.groupBy(rows, ({ at }) => at)]
    .map(([at, own]) => {
      const failing = own.filter((row) => row.category === category);
      const sum = (all: readonly SightRow[], what: "attempts" | "refused" | "delivered") =>
        all.reduce((total, row) => total + row[what], 0);
      return {
        at,
        failed: sum(failing, "attempts"),
        refused: sum(failing, "refused"),
        delivered: sum(own, "delivered"),
        attempts: sum(own, "attempts"),
      };
    })
    .sort((a, b) => a.at - b.at);
}

function mostlyOf(failing: readonly SightRow[]): string | null {
  const all = failing.reduce((total, { attempts }) => total + attempts, 0);
  for (const [domain, own] of Map.groupBy(failing, (row) => row.domain))
    if (domain !== "" && own.reduce((total, { attempts }) => total + attempts, 0) >= all * mostly)
      return domain;
  return null;
}
