import { randomUUID } from "node:crypto";
import type { Bus } from "@mailstead/services/bus";
import type { Database, Installation, SystemContext } from "@mailstead/services/context";
import type { TelemetryIntake } from "@mailstead/services/telemetry";
import type { Groups } from "./groups.ts";
import type { Log } from "./log.ts";

/** What every part of the gateway works with. */
export interface GatewayContext {
  readonly gatewayId: string;
  readonly bus: Bus;
  readonly log: Log;
  readonly groups: Groups;
  readonly telemetry: TelemetryIntake;
  /** A context for one piece of work, with an id of its own. */
  readonly system: MakeSystemContext;
}

export type MakeSystemContext = () => SystemContext & { installation: Installation };

/** Contexts of the gateway's own role, on one pool of connections. */
export function createSystemContext(database: Database, installation: Installation): MakeSystemContext {
  return () => ({
    actor: { kind: "system", name: "gateway" },
    database,
    now: () => new Date(),
    requestId: randomUUID(),
    installation,
  });
}
