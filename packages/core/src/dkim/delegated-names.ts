import type { DkimAlgorithm } from "../servers/index.ts";
import type { DkimKeyState } from "./rotation.ts";

const dayMs = 86_400_000;

/**
 * Before another key takes a delegated name, the former one has been published as revoked for so long. No mail of it is
 * on its way by then, and the reports of receivers about it are in, so that none of them speaks of two keys.
 */
export const nameRestMs = 7 * dayMs;

/**
 * The first key on a new host signs under a reused name when all servers have shown it for so long: nobody watched what
 * stood there before, and nothing that Mailstead writes is kept longer by resolvers.
 */
export const reusedNameWaitMs = 6 * 3_600_000;

/** A name of the customer's that is an alias of one of ours, behind which keys take turns. */
export interface DelegatedName {
  /** The selector of signatures; the alias stands at it. */
  selector: string;
  /** Where the alias leads and the key's record stands. */
  target: string;
  algorithm: DkimAlgorithm;
  /** The number of the server among those of the domain. */
  place: number;
}

/** A key that stands, stood, or will stand under a delegated name. */
export interface NameHolder {
  target: string;
  state: DkimKeyState;
  createdAt: Date;
  /** When its signatures stopped counting: it was revoked, or its host was lost. */
  endedAt: Date | null;
  /** A person said that its host is lost for good, and that its mail on its way may fail. */
  isGivenUp: boolean;
}

/** The zone name below which the delegated names of a domain lie: its id is in it, so that no two domains meet. */
export function delegatedBase(domainId: string, zone: string): string {
  return `${domainId.replaceAll("-", "")}.${zone}`;
}

/**
 * The names of one server of a domain, two of each algorithm, so that one can carry the next key while the other's still
 * signs. `place` counts the domain's servers from 1.
 */
export function delegatedNamesOf(place: number, base: string): DelegatedName[] {
  return [2 * place - 1, 2 * place].flatMap((number) => [
    { selector: `ms${number}`, target: `ms${number}.${base}`, algorithm: "rsa-2048" as const, place },
    { selector: `ms${number}e`, target: `ms${number}e.${base}`, algorithm: "ed25519" as const, place },
  ]);
}

/**
 * Since when, or from when on, another key may take a name: at once when none holds it or its key was given up, after its
 * rest when its key was revoked, and null as long as nobody can say.
 */
export function nameFreeFrom(holders: readonly NameHolder[]): Date | null {
  const moments = holders
    .filter(({ state, isGivenUp }) => state !== "destroyed" && !isGivenUp)
    .map(({ endedAt }) => (endedAt === null ? null : endedAt.getTime() + nameRestMs));
  if (moments.some((moment) => moment === null)) return null;
  return new Date(Math.max(0, ...moments.map((moment) => moment ?? 0)));
}

export type NameChoice =
  | { kind: "chosen"; name: DelegatedName; isReused: boolean }
  /** `freeFrom` is null when the rotation that ends its key has not come so far. */
  | { kind: "none-free"; freeFrom: Date | null };

/**
 * The name that the next key of a server takes. A name is never taken from a key whose signatures may still be on their
 * way, but after a theft, when those fail already: then it is taken from a key that never signed, or else from the oldest.
 */
export function chooseDelegatedName(
  names: readonly DelegatedName[],
  { holders, isTheft, now }: { holders: readonly NameHolder[]; isTheft: boolean; now: Date },
): NameChoice {
  const known = names.map((name) => {
    const own = holders.filter(({ target }) => target === name.target);
    const freeFrom = nameFreeFrom(own);
    return {
      name,
      isReused: own.length > 0,
      freeFrom,
      isFree: freeFrom !== null && freeFrom <= now,
      // A key that never signed leaves nothing behind that could fail.
      hasSigned: own.some(({ state }) => state !== "waiting" && state !== "destroyed"),
      newestMs: Math.max(0, ...own.map(({ createdAt }) => createdAt.getTime())),
    };
  });
  const [best] = known.toSorted(
    (left, right) =>
      Number(right.isFree) - Number(left.isFree) ||
      Number(left.hasSigned && !left.isFree) - Number(right.hasSigned && !right.isFree) ||
      left.newestMs - right.newestMs,
  );
  if (best !== undefined && (best.isFree || isTheft))
    return { kind: "chosen", name: best.name, isReused: best.isReused };
  const moments = known.flatMap(({ freeFrom }) => (freeFrom === null ? [] : [freeFrom.getTime()]));
  return { kind: "none-free", freeFrom: moments.length === 0 ? null : new Date(Math.min(...moments)) };
}
