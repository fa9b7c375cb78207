import { delegatedBase } from "../dkim/index.ts";

/** What a customer of an organisation may call its own in the DNS, and what around it belongs to somebody else. */
export interface ChallengeGround {
  /** Names of the customer's domains and of the zones that are hosted for it. */
  own: readonly string[];
  /** The same of the organisation's other customers. */
  others: readonly string[];
  /** Zones that DNS connections reach: the customer's own, or one of the organisation for everybody's domains. */
  connected: readonly { zone: string; isOwn: boolean }[];
  /** Names below which the organisation keeps what was delegated to it, the one in force first. */
  delegationZones: readonly string[];
  /** Ids of the customer's domains and servers: each has its own name below a delegation zone. */
  ownIds: readonly string[];
}

/**
 * own: in a domain, a hosted zone or a connection of the customer. delegated: at its place in the organisation's zone.
 * unreached: nothing of ours writes there. not-theirs: writing there would act upon somebody else's names.
 */
export type ChallengePlace = "own" | "delegated" | "unreached" | "not-theirs";

const challengeLabel = "_acme-challenge";
/** An id of ours as one label: no label of a person's looks like it by chance. */
const idLabel = /^[0-9a-f]{32}$/;

/** Where an alias may lead that delegates the challenge of one domain or server: below its own id, so that no two meet. */
export function delegatedChallengeName(subjectId: string, zone: string): string {
  return `${challengeLabel}.${delegatedBase(subjectId, zone)}`;
}

/**
 * Whose name the proof of a customer's certificate would be written at. Whoever publishes the alias of a challenge says
 * where it leads, so the end of it is trusted with nothing: only what is the customer's own is written.
 */
export function placeOfChallenge(name: string, ground: ChallengeGround): ChallengePlace {
  const zone = closestZone(name, ground.delegationZones);
  const label =
    zone === null
      ? undefined
      : name
          .slice(0, -(zone.length + 1))
          .split(".")
          .at(-1);
  if (label !== undefined && idLabel.test(label)) {
    const isOwn = ground.ownIds.some((id) => id.replaceAll("-", "") === label);
    return isOwn && name.startsWith(`${challengeLabel}.`) ? "delegated" : "not-theirs";
  }
  const own = closestZone(name, ground.own);
  const other = closestZone(name, ground.others);
  if ((own?.length ?? 0) < (other?.length ?? 0)) return "not-theirs";
  if (own !== null) return "own";
  const reached = ground.connected
    .filter((connection) => isWithin(name, connection.zone))
    // As zones are found when something is written: the closest, and of two the customer's own.
    .toSorted((a, b) => b.zone.length - a.zone.length || Number(b.isOwn) - Number(a.isOwn));
  if (reached[0] === undefined) return "unreached";
  return reached[0].isOwn ? "own" : "not-theirs";
}

/** The longest of these names that a name lies in; null when it lies in none. */
export function closestZone(name: string, names: readonly string[]): string | null {
  const around = names.filter((one) => isWithin(name, one));
  return around.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

function isWithin(name: string, zone: string): boolean {
  return `.${name}`.endsWith(`.${zone}`);
}
