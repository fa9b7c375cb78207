import type { FindingMeasure } from "@mailstead/core/findings";
import { measureServersMax } from "@mailstead/core/measures";

interface MeasureServer {
  readonly id: string;
  readonly isInForce: boolean;
  readonly hasStandby: boolean;
}

/** On how many servers a measure is in force, how many cannot take it, and on which one click starts it. */
export function measureStanding(
  measure: FindingMeasure["measure"],
  servers: readonly MeasureServer[],
): { inForce: number; without: number; startable: readonly string[] } {
  const open = servers.filter(({ isInForce }) => !isInForce);
  const able = open.filter(({ hasStandby }) => measure !== "relay" || hasStandby);
  return {
    inForce: servers.length - open.length,
    without: open.length - able.length,
    // Of more than one call takes the rest is offered again once these have it.
    startable: able.slice(0, measureServersMax).map(({ id }) => id),
  };
}
