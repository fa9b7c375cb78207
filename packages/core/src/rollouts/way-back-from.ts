import { type WayBack, wayBackOf } from "../updates/index.ts";
import type { PlannedPackage } from "./plan-rollout.ts";
import type { RolloutKind } from "./rollout.ts";

/** Whether what a rollout of this kind brings can be taken back by us, as far as it is known beforehand. */
export function wayBackFrom(kind: RolloutKind, { name, from, version }: PlannedPackage): WayBack {
  switch (kind) {
    case "packages":
      return wayBackOf({ name, from, to: version });
    case "reboots":
      return { kind: "none", reason: "A restart cannot be taken back." };
    case "agents":
      return {
        kind: "none",
        reason:
          "No way back by us: the updater goes back by itself when the new agent does not connect, and later only a signed rollback leads back.",
      };
    // Each host keeps what it replaces, and tells where that is not enough.
    case "configurations":
      return { kind: "kept" };
  }
}

/** Whether a member that is to get these can get back what it had. */
export function hasWayBack(kind: RolloutKind, versions: readonly PlannedPackage[]): boolean {
  if (kind === "configurations") return true;
  return (
    versions.every((one) => wayBackFrom(kind, one).kind === "kept") &&
    versions.some(({ from }) => from !== null)
  );
}
