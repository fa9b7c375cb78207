import {
  chooseDelegatedName,
  type DelegatedName,
  delegatedNamesOf,
  type NameHolder,
} from "@mailstead/core/dkim";
import { domainRoles, signsMail } from "@mailstead/core/domains";
import type { DkimAlgorithm } from "@mailstead/core/servers";
import { dkimKeys, domainServers, domains, type Transaction } from "@mailstead/db";
import { and, asc, eq, inArray, isNotNull } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";

/** Where a key of a domain that has handed its names over is published, and as what it signs. */
export interface KeyPlace {
  signsAs: string;
  publishedAtName: string;
  isNameReused: boolean;
}

export interface NameWish {
  domain: { id: string; name: string };
  serverId: string;
  algorithm: DkimAlgorithm;
  now: Date;
  /** Left out for first keys, which wait until both the alias and the key are seen. */
  rotation?: RotationNames;
}

export interface RotationNames {
  isTheft: boolean;
  /** The selectors whose aliases the last check found right. */
  seenSelectors: ReadonlySet<string>;
}

/**
 * The delegated name that a new key of a server takes; null when the domain has handed none over, or none is fit and the
 * key must have a name of its own: after a theft and on a new host nothing may wait. Throws `conflict` while no name is free
 * for a rotation, which asks for unseen aliases first.
 */
export async function takeDelegatedName(tx: Transaction, wish: NameWish): Promise<KeyPlace | null> {
  const { domain, serverId, algorithm, now, rotation } = wish;
  const base = await readBase(tx, domain.id);
  if (base === null) return null;
  const place = await placeOf(tx, { domainId: domain.id, serverId });
  const names = delegatedNamesOf(place, base).filter((name) => name.algorithm === algorithm);
  const holders = await readHolders(tx, names);
  // After a theft nothing waits for an alias, and first keys wait until it is seen.
  const isFit = ({ selector }: DelegatedName) =>
    rotation?.isTheft !== true || rotation.seenSelectors.has(selector);
  const choice = chooseDelegatedName(names.filter(isFit), {
    holders,
    isTheft: rotation?.isTheft ?? false,
    now,
  });
  if (choice.kind === "none-free") {
    if (rotation === undefined || rotation.isTheft) return null;
    throw new ServiceError("conflict", noneFreeSentence(domain.name, { names, freeFrom: choice.freeFrom }));
  }
  const { name, isReused: isNameReused } = choice;
  await releaseName(tx, { target: name.target, holders });
  return { signsAs: name.selector, publishedAtName: name.target, isNameReused };
}

/**
 * The aliases of a domain that nobody has seen, when the next keys of its servers would stand behind one of them; none
 * when they would not. All are named then, so that its owner publishes them at once.
 */
export async function findUnseenAliases(
  tx: Transaction,
  {
    domainId,
    now,
    seenSelectors,
  }: { domainId: string; now: Date; seenSelectors: RotationNames["seenSelectors"] },
): Promise<DelegatedName[]> {
  const names = await readDelegatedNames(tx, domainId);
  const holders = await readHolders(tx, names);
  const isUnseen = ({ selector }: DelegatedName) => !seenSelectors.has(selector);
  const next = [...Map.groupBy(names, placeAndAlgorithm).values()].map((ofKey) =>
    chooseDelegatedName(ofKey, { holders, isTheft: false, now }),
  );
  const isNeeded = next.some((choice) => choice.kind === "chosen" && isUnseen(choice.name));
  return isNeeded ? names.filter(isUnseen) : [];
}

function placeAndAlgorithm({ place, algorithm }: DelegatedName): string {
  return `${place} ${algorithm}`;
}

/** All names that the servers of a domain have, whether a key stands behind them or not; none while it is not delegated. */
export async function readDelegatedNames(tx: Transaction, domainId: string): Promise<DelegatedName[]> {
  const base = await readBase(tx, domainId);
  if (base === null) return [];
  const places = await tx
    .select({ place: domainServers.dkimPlace })
    .from(domainServers)
    .where(and(isSigner(domainId), isNotNull(domainServers.dkimPlace)))
    .orderBy(asc(domainServers.dkimPlace));
  return places.flatMap(({ place }) => (place === null ? [] : delegatedNamesOf(place, base)));
}

/** Servers that only receive sign nothing. */
function isSigner(domainId: string) {
  return and(
    eq(domainServers.domainId, domainId),
    inArray(domainServers.role, domainRoles.filter(signsMail)),
  );
}

/** Gives every server that signs for a domain names of its own. The caller has locked the domain. */
export async function givePlaces(tx: Transaction, domainId: string): Promise<void> {
  const hosts = await tx
    .select({ serverId: domainServers.serverId })
    .from(domainServers)
    .where(isSigner(domainId))
    .orderBy(asc(domainServers.createdAt), asc(domainServers.serverId));
  for (const { serverId } of hosts) await placeOf(tx, { domainId, serverId });
}

async function readBase(tx: Transaction, domainId: string): Promise<string | null> {
  const [row] = await tx
    .select({ base: domains.dkimDelegatedTo })
    .from(domains)
    .where(eq(domains.id, domainId));
  return row?.base ?? null;
}

/** The number of a server among those of the domain; a server that has none gets the lowest that no other has. */
async function placeOf(
  tx: Transaction,
  { domainId, serverId }: { domainId: string; serverId: string },
): Promise<number> {
  const rows = await tx
    .select({ serverId: domainServers.serverId, place: domainServers.dkimPlace })
    .from(domainServers)
    .where(eq(domainServers.domainId, domainId));
  const own = rows.find((row) => row.serverId === serverId)?.place ?? null;
  if (own !== null) return own;
  const taken = new Set(rows.map(({ place }) => place));
  let place = 1;
  while (taken.has(place)) place += 1;
  await tx
    .update(domainServers)
    .set({ dkimPlace: place })
    .where(and(eq(domainServers.domainId, domainId), eq(domainServers.serverId, serverId)));
  return place;
}

type Holder = NameHolder & { id: string; replacedBy: string | null };

async function readHolders(tx: Transaction, names: readonly DelegatedName[]): Promise<Holder[]> {
  const rows = await tx
    .select({
      id: dkimKeys.id,
      target: dkimKeys.publishedAtName,
      state: dkimKeys.state,
      createdAt: dkimKeys.createdAt,
      endedAt: dkimKeys.endedAt,
      isGivenUp: dkimKeys.isGivenUp,
      replacedBy: dkimKeys.replacedBy,
    })
    .from(dkimKeys)
    .where(
      inArray(
        dkimKeys.publishedAtName,
        names.map(({ target }) => target),
      ),
    );
  return rows.flatMap(({ target, ...row }) => (target === null ? [] : [{ ...row, target }]));
}

/** Of a key that went down with its host nobody takes the record away but the key that comes in its place. */
async function releaseName(
  tx: Transaction,
  { target, holders }: { target: string; holders: readonly Holder[] },
): Promise<void> {
  const left = holders.filter(
    (holder) => holder.target === target && holder.state === "retiring" && holder.replacedBy === null,
  );
  if (left.length === 0) return;
  await tx
    .update(dkimKeys)
    .set({ state: "destroyed" })
    .where(
      inArray(
        dkimKeys.id,
        left.map(({ id }) => id),
      ),
    );
}

function noneFreeSentence(
  domainName: string,
  { names, freeFrom }: { names: readonly DelegatedName[]; freeFrom: Date | null },
): string {
  const held = new Intl.ListFormat("en").format(names.map(({ selector }) => selector));
  const when =
    freeFrom === null
      ? "one of them is free some days after its former key was revoked"
      : `one of them is free from ${freeFrom.toISOString().slice(0, 16).replace("T", " ")} UTC on`;
  return `Both delegated names of ${domainName} (${held}) still carry keys whose mail may be on its way; ${when}. Wait for that, or say that a key was stolen.`;
}
