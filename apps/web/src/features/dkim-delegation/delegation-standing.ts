import type { Level } from "../../components/level.tsx";

export interface DelegationFacts {
  zone: string | null;
  isDelegated: boolean;
  isInUse: boolean;
  aliases: readonly { isSeen: boolean }[];
}

/** The aliases that are not seen, put together where the last check said the same of them; those it did not ask for are left out. */
export function unseenByReason(
  aliases: readonly { name: string; isSeen: boolean; sentence: string | null }[],
): { names: string[]; sentence: string }[] {
  const unseen = aliases.flatMap(({ name, isSeen, sentence }) =>
    isSeen || sentence === null ? [] : [{ name, sentence }],
  );
  return [...Map.groupBy(unseen, ({ sentence }) => sentence)].map(([sentence, group]) => ({
    sentence,
    names: group.map(({ name }) => name),
  }));
}

/**
 * no-zone: the organisation keeps no zone for it. own: keys stand in the domain's zone. ending: that is so from the next
 * keys on. unseen: aliases are missing. ready: the next rotation switches over. working: keys stand behind the aliases.
 */
export type DelegationKind = "no-zone" | "own" | "ending" | "unseen" | "ready" | "working";

/** How far a domain is with handing its DKIM names over, in one word, and how many aliases are not seen yet. */
export function delegationStanding({ zone, isDelegated, isInUse, aliases }: DelegationFacts): {
  kind: DelegationKind;
  level: Level;
  unseen: number;
} {
  const unseen = aliases.filter(({ isSeen }) => !isSeen).length;
  const found = (kind: DelegationKind, level: Level) => ({ kind, level, unseen });
  if (unseen > 0) return found("unseen", isInUse ? "trouble" : "attention");
  if (!isDelegated) return found(isInUse ? "ending" : zone === null ? "no-zone" : "own", "unknown");
  return isInUse ? found("working", "good") : found("ready", "good");
}
