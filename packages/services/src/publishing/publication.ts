import {
  type RecordConflict,
  type RecordSet,
  type RecordValue,
  type SetChange,
  standingState,
  valueKey,
} from "@mailstead/core/publishing";
import type { DnsPublicationState } from "@mailstead/db";
import type { HostedPlan } from "../zones/index.ts";
import type { ZonesPlan } from "./plan-zones.ts";

/** What the worker read and would write, as it is shown before anything is written. */
export interface PublicationPlan {
  zones: {
    name: string;
    /** The connection that it is written through; null where servers of ours answer for the zone. */
    label: string | null;
    changes: readonly SetChange[];
  }[];
  conflicts: readonly RecordConflict[];
  inPlace: number;
  /** Values in zones that no connection reaches. */
  byHand: readonly RecordValue[];
  /** Everything that stood under the names of the plan when it was made. */
  standing: readonly RecordSet[];
}

export interface Publication {
  id: string;
  state: DnsPublicationState;
  plan: PublicationPlan | null;
  /** What went wrong or was left undone. */
  problem: string | null;
  isProblemTemporary: boolean;
  /** What is shown is a new plan, because the zone had changed when the old one was to be carried out. */
  hasChangedMeanwhile: boolean;
  requestedBy: string;
  createdAt: Date;
  endedAt: Date | null;
}

/** Whether two plans would do the same to zones that hold the same. */
export function isSamePlan(left: PublicationPlan, right: PublicationPlan): boolean {
  return standingState(left.standing) === standingState(right.standing) && wordsOf(left) === wordsOf(right);
}

/** Line by line, because the database keeps the keys of objects in an order of its own. */
function wordsOf({ zones, conflicts, byHand }: PublicationPlan): string {
  const lines = zones.flatMap(({ name: zone, changes }) =>
    changes.map(({ name, type, after }) => [zone, name, type, ...after].join("\t")),
  );
  return [...lines, "", ...conflicts.map(valueKey), "", ...byHand.map(valueKey)].join("\n");
}

/** Said of a publication when no connection reaches any of the domain's zones. */
export const withoutConnection =
  "No DNS connection reaches the zone of this domain. Connect its DNS provider under Settings, or copy the records there by hand.";

/** The part of a plan that is kept and shown. */
export function publicationPlan(
  plan: ZonesPlan,
  { standing, hosted }: { standing: readonly RecordSet[]; hosted: HostedPlan },
): PublicationPlan {
  return {
    zones: [
      ...hosted.zones.map(({ name, changes }) => ({ name, label: null, changes })),
      ...plan.zones
        .filter(({ changes }) => changes.length > 0)
        .map(({ zone, label, changes }) => ({ name: zone.name, label, changes })),
    ],
    conflicts: [...hosted.conflicts, ...plan.conflicts],
    inPlace: hosted.inPlace + plan.inPlace,
    byHand: plan.byHand,
    standing: [...hosted.standing, ...standing],
  };
}
