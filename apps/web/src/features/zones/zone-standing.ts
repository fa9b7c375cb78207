import type { Level } from "../../components/level.tsx";

/** How each standing of a zone is shown. */
export const standingLevels = {
  right: "good",
  waiting: "attention",
  wrong: "trouble",
  unchecked: "unknown",
} as const satisfies Record<string, Level>;

/** How each step towards a zone that the world believes is shown. */
export const stepLevels = {
  done: "good",
  todo: "attention",
  wrong: "trouble",
  unknown: "unknown",
} as const satisfies Record<string, Level>;
