import { closestZone, delegatedChallengeName, placeOfChallenge } from "@mailstead/core/certificates";
import type { PlannedRecord } from "@mailstead/core/dns";
import type { StoredRecord } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { type Ground, readGround } from "./read-ground.ts";

/** Whose certificate it is that records are written for. */
export interface CertificateOwner {
  ctx: ServiceContext;
  tenantId: string;
  serverId: string;
  /** Null for the certificate of the server's own name. */
  domainId: string | null;
}

/** A record and by whose right it is written. */
export interface PlacedRecord {
  record: StoredRecord;
  /** Null where nothing of ours reaches, so that a person publishes it. */
  domainId: string | null;
  publishedAt: PlannedRecord["publishedAt"];
}

export interface WantedRecord {
  record: StoredRecord;
  /** The name that the alias stands at which led to the record's; null when it was not followed from anywhere. */
  alias: string | null;
}

/**
 * Says for each record through whose connection it may be written: its customer's, or the organisation's at the
 * customer's own place in the zone of delegated names. Throws AcmeError `not-ready`, which is permanent, for a name of
 * anybody else's.
 */
export async function placeRecords(
  wanted: readonly WantedRecord[],
  owner: CertificateOwner,
): Promise<PlacedRecord[]> {
  const ground = await readGround(owner.ctx, owner.tenantId);
  return wanted.map(({ record, alias }) => {
    const place = placed(record, ground, { ...owner, isFollowed: alias !== null });
    if (place !== null) return place;
    throw new AcmeError({
      kind: "not-ready",
      detail: refusal(record, { alias, ground, owner }),
      isPermanent: true,
    });
  });
}

/** The same for records that are to go, whoever's the name is by now: only what we wrote is ever taken away. */
export async function placeAgain(
  records: readonly StoredRecord[],
  owner: CertificateOwner,
): Promise<PlacedRecord[]> {
  const ground = await readGround(owner.ctx, owner.tenantId);
  return records.map((record) => {
    const place = placed(record, ground, { ...owner, isFollowed: true });
    // What is not known to be reached may have been written all the same.
    return place === null || place.domainId === null ? placeByName(record, ground, owner) : place;
  });
}

/** Null when the name is somebody else's. */
function placed(
  record: StoredRecord,
  ground: Ground,
  owner: CertificateOwner & { isFollowed: boolean },
): PlacedRecord | null {
  // A server's own name was given by somebody who may, and leads to it; its records lie in whosever zone that is.
  if (owner.domainId === null && !owner.isFollowed) return placeByName(record, ground, owner);
  const own = fitting(record.name, ground.domains) ?? owner.domainId ?? ground.domains[0]?.id ?? null;
  switch (placeOfChallenge(record.name, ground)) {
    case "own":
      return { record, domainId: own, publishedAt: "domain-dns" };
    case "delegated":
      return { record, domainId: own, publishedAt: "delegated-dns" };
    case "unreached":
      return { record, domainId: null, publishedAt: "domain-dns" };
    case "not-theirs":
      return null;
  }
}

/** The domain of the organisation in whose zone a record most likely stands: the one with the longest fitting name. */
function placeByName(record: StoredRecord, ground: Ground, owner: CertificateOwner): PlacedRecord {
  // A server's own name need not lie in a domain with mail. A proof leaves at once; a TLSA record would go with the domain.
  const any = record.type === "TXT" ? (ground.domains[0]?.id ?? null) : null;
  const domainId = fitting(record.name, ground.allDomains) ?? owner.domainId ?? any;
  return { record, domainId, publishedAt: "domain-dns" };
}

function fitting(name: string, domains: readonly { id: string; name: string }[]): string | null {
  const closest = closestZone(
    name,
    domains.map((domain) => domain.name),
  );
  return domains.find((domain) => domain.name === closest)?.id ?? null;
}

function refusal(
  { name, type }: StoredRecord,
  { alias, ground, owner }: { alias: string | null; ground: Ground; owner: CertificateOwner },
): string {
  if (alias === null) {
    const way =
      type === "TLSA" ? "have its TLSA records removed before the key is changed" : "choose HTTP-01";
    return `${name} lies in a domain of another customer, so nothing is written there for this certificate; ${way}`;
  }
  const { delegationZone } = ground;
  const instead =
    delegationZone === null
      ? "to a name in a domain or a DNS connection of the same customer, or have an admin say in the settings in which zone delegated names lie"
      : `to ${delegatedChallengeName(owner.domainId ?? owner.serverId, delegationZone)}, or to a name in a domain or a DNS connection of the same customer`;
  return `${alias} is an alias of ${name}, where nothing may be written for this customer; let it lead ${instead}`;
}
