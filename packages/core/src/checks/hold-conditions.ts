import {
  type HostCondition,
  type HostConditionCode,
  isUntoldOfHost,
  type ToldHost,
} from "../servers/index.ts";
import { conditionFindingPrefix, conditionKey } from "./condition-key.ts";
import { type SeenFinding, seenFindingOf } from "./finding-changes.ts";
import { findingOfCondition } from "./judge-conditions.ts";
import { waitingFinding } from "./waiting-finding.ts";

/**
 * A condition as it is remembered from look to look, at one of its levels. rising: seen, and not for long enough to tell
 * anybody. holding: told. falling: told, and no more seen, but not for long enough to say that it is over.
 */
export interface HeldCondition {
  /** The key of its finding. */
  key: string;
  level: HostCondition["level"];
  state: "rising" | "holding" | "falling";
  /** Since when it is in its state. */
  since: Date;
}

export interface ConditionLook {
  conditions: readonly HostCondition[];
  /** Null when nobody knows how the host is now: then nothing begins and nothing ends. */
  host: ToldHost | null;
}

export interface HeldPlan {
  held: HeldCondition[];
  /** What is to be open now, in the words of the level that holds. */
  found: SeenFinding[];
  /** Keys that are neither opened nor closed. */
  unseen: (key: string) => boolean;
}

// A host is looked at by its agent every few minutes, so that at least two looks agree, and a restart or an update of
// packages is over.
const heldForMs = 10 * 60_000;
/** The port is tried anew only after half an hour, and one try that failed says little. */
const port25HeldForMs = 40 * 60_000;

/** Which levels a condition has reached: who runs out of room has little room. */
const reached: Readonly<Record<HostCondition["level"], readonly HostCondition["level"][]>> = {
  attention: ["attention"],
  trouble: ["attention", "trouble"],
};

/** Has a condition told once it has lasted, at the level that has lasted, and over once it has been gone for as long. */
export function holdConditions(before: readonly HeldCondition[], look: ConditionLook, now: Date): HeldPlan {
  const { host } = look;
  // What nobody was told of begins anew: a host that comes back is often still starting its services.
  if (host === null)
    return { held: before.filter(({ state }) => state !== "rising"), found: [], unseen: () => true };
  // By key and level; what an agent tells twice is one.
  const seen = new Map(
    look.conditions.flatMap((condition) =>
      reached[condition.level].map((level) => {
        const one = { key: conditionKey(condition), level };
        return [idOf(one), { ...one, condition }] as const;
      }),
    ),
  );
  const isUntold = (key: string) => isUntoldOfHost(codeOf(key), host);
  const known = new Set(before.map(idOf));
  const held = [
    ...before.flatMap((one) => (isUntold(one.key) ? [one] : next(one, { isSeen: seen.has(idOf(one)), now }))),
    ...[...seen]
      .filter(([id]) => !known.has(id))
      .map(([, { key, level }]): HeldCondition => ({ key, level, state: "rising", since: now })),
  ];
  const worst = new Map<string, HeldCondition>();
  for (const one of held) {
    if (one.state === "rising" || worst.get(one.key)?.level === "trouble") continue;
    worst.set(one.key, one);
  }
  return {
    held,
    found: [...worst.values()].flatMap((one) => {
      const told = seen.get(idOf(one));
      if (told === undefined || one.state !== "holding") return [];
      const finding = seenFindingOf(findingOfCondition({ ...told.condition, level: one.level }, host));
      const details = waitingFinding(told.condition, host)?.details;
      const own = told.condition.code === "queue-receiver" && details !== undefined ? { details } : {};
      return [{ ...finding, key: one.key, ...own }];
    }),
    unseen: (key) => isUntold(key) || worst.get(key)?.state === "falling",
  };
}

function next(one: HeldCondition, { isSeen, now }: { isSeen: boolean; now: Date }): HeldCondition[] {
  const hasLasted = now.getTime() - one.since.getTime() >= lastsMs(one.key);
  switch (one.state) {
    case "rising":
      if (!isSeen) return [];
      return [hasLasted ? { ...one, state: "holding", since: now } : one];
    case "holding":
      return [isSeen ? one : { ...one, state: "falling", since: now }];
    case "falling":
      if (isSeen) return [{ ...one, state: "holding", since: now }];
      return hasLasted ? [] : [one];
  }
}

function lastsMs(key: string): number {
  return codeOf(key) === "port-25-blocked" ? port25HeldForMs : heldForMs;
}

function codeOf(key: string): HostConditionCode {
  return (key.slice(conditionFindingPrefix.length).split(" ")[0] ?? "") as HostConditionCode;
}

function idOf({ key, level }: Pick<HeldCondition, "key" | "level">): string {
  return `${level} ${key}`;
}
