import type { DkimKeyState } from "./rotation.ts";
import type { RotationTiming } from "./rotation-timing.ts";

/** A key of a domain whose mail stops. */
export interface EndedKey {
  state: DkimKeyState;
  /** Until when its record stands, where that is settled already. */
  recordEndsAt: Date | null;
  /** When it was revoked; null for one that was not. */
  endedAt: Date | null;
}

/** forget: it has signed nothing that is on its way. stand: it signs no more, and its record goes at that time. */
export type EndOfKey =
  | { kind: "forget" }
  | { kind: "stand"; state: "retiring" | "revoked"; recordEndsAt: Date }
  | { kind: "settled" };

/**
 * What becomes of a key when its domain has no mail any more, wherever a rotation stood: the record of one that may have
 * signed stands as long as such mail may be on its way, and one that is revoked stays revoked until receivers have seen it.
 */
export function endOfKey(
  { state, recordEndsAt, endedAt }: EndedKey,
  { now, timing }: { now: Date; timing: Pick<RotationTiming, "queueLifeMs" | "revokedForMs"> },
): EndOfKey {
  if (recordEndsAt !== null) return { kind: "settled" };
  switch (state) {
    case "waiting":
      return { kind: "forget" };
    case "signing":
    case "retiring":
      return {
        kind: "stand",
        state: "retiring",
        recordEndsAt: new Date(now.getTime() + timing.queueLifeMs),
      };
    case "revoked":
      return {
        kind: "stand",
        state,
        recordEndsAt: new Date((endedAt ?? now).getTime() + timing.revokedForMs),
      };
    case "destroyed":
      return { kind: "settled" };
  }
}
