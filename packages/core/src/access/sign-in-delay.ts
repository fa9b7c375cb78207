export interface Attempts {
  count: number;
  /** When the newest of them was made; null when there is none. */
  lastAt: Date | null;
}

/** The attempts of `signInMemoryMs` that did not succeed, or not yet. */
export interface SignInHistory {
  /** Of this client network on this account, since it last succeeded. */
  own: Attempts;
  /** Of this client network on all accounts. */
  network: Attempts;
  /** Of everybody on this account. */
  account: Attempts;
  /** This client network has signed in to this account before. */
  isKnownNetwork: boolean;
}

export type SignInTurn = { kind: "try" } | { kind: "wait"; until: Date };

/** How long an attempt that failed is remembered. */
export const signInMemoryMs = 3_600_000;
/** How long it is remembered that a client network belongs to the people of an account. */
export const knownNetworkMs = 90 * 86_400_000;

const ownFree = 10;
/** What a network that has never signed in may try on an account that is being guessed at from many places. */
const ownFreeUnderAttack = 3;
const accountFree = 50;
/** Many people of one office share an address of the Internet. */
const networkFree = 100;
const firstDelayMs = 5_000;
const delayMaxMs = 15 * 60_000;

/**
 * Says whether an attempt may be made now. Delays grow with each failure and hang from what the client's own network
 * did: failures of others shorten what a stranger may try, and never keep out who has signed in from there before.
 */
export function judgeSignIn(history: SignInHistory, now: Date): SignInTurn {
  const isUnderAttack = history.account.count >= accountFree && !history.isKnownNetwork;
  const untilMs = Math.max(
    endOfDelayMs(history.own, isUnderAttack ? ownFreeUnderAttack : ownFree),
    endOfDelayMs(history.network, networkFree),
  );
  return untilMs > now.getTime() ? { kind: "wait", until: new Date(untilMs) } : { kind: "try" };
}

function endOfDelayMs({ count, lastAt }: Attempts, free: number): number {
  if (lastAt === null || count < free) return 0;
  return lastAt.getTime() + Math.min(firstDelayMs * 2 ** (count - free), delayMaxMs);
}
