import type { MemberState } from "@mailstead/core/rollouts";
import type { Level } from "../../components/level.tsx";

/** How a member looks: a sign of its own beside its colour, and a level where it has one. */
export interface MemberLook {
  readonly sign: string;
  readonly cell: string;
  /** Null while it is on its way. */
  readonly level: Level | null;
}

const onItsWay = "bg-accent-fill text-on-accent";

export const memberLooks: Readonly<Record<MemberState, MemberLook>> = {
  waiting: { sign: "", cell: "bg-sunken ring-1 ring-line-strong ring-inset text-ink-3", level: null },
  checking: { sign: "▸", cell: onItsWay, level: null },
  applying: { sign: "▸", cell: onItsWay, level: null },
  verifying: { sign: "▸", cell: onItsWay, level: null },
  rechecking: { sign: "▸", cell: onItsWay, level: null },
  baking: { sign: "○", cell: "bg-accent-soft text-accent ring-1 ring-accent ring-inset", level: null },
  restoring: { sign: "←", cell: "bg-attention text-canvas", level: "attention" },
  restored: {
    sign: "←",
    cell: "bg-attention-soft text-attention ring-1 ring-attention ring-inset",
    level: "attention",
  },
  failed: { sign: "×", cell: "bg-trouble-fill text-on-accent", level: "trouble" },
  unknown: { sign: "?", cell: "bg-ink-3 text-canvas", level: "unknown" },
  "left-out": { sign: "–", cell: "bg-line text-ink-2", level: "unknown" },
  succeeded: { sign: "✓", cell: "bg-good-soft text-good ring-1 ring-good ring-inset", level: "good" },
};
