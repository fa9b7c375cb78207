import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayPart, openPlant, type Part, type Plant } from "../../delivery/plant.ts";
import { type OwnDatabase, openOwnDatabase } from "../../exactly-once/own-database.ts";
import { preciseNowMs } from "../../fleet-sim/fleet-message.ts";
import type { SimulatedIdentity } from "../../fleet-sim/identity.ts";
import { type FleetProcesses, openFleetProcesses } from "../../fleet-sim/processes.ts";
import { seedAgents } from "../../fleet-sim/seed-agents.ts";
import { waitFor } from "../../lab/wait-for.ts";
import { type Doors, openDoors } from "./doors.ts";
import type { FleetBenchSize } from "./size.ts";

/** A control plane behind TLS with a whole fleet connected to it. */
export interface BenchFleet {
  readonly plant: Plant;
  readonly database: OwnDatabase;
  readonly doors: Doors;
  readonly worker: Part;
  readonly identities: readonly SimulatedIdentity[];
  readonly fleet: FleetProcesses;
  /** When each order came to its agent, since it was first watched. */
  readonly arrivals: ReadonlyMap<string, number>;
  gateway(): GatewayPart;
  /** Resolves when all are connected; gives the seconds since it was called. */
  untilConnected(): Promise<number>;
  close(): Promise<void>;
}

const connectWithinMs = 300_000;
/** So many connect in a second at first, as a fleet grows; a restart brings them all at once. */
const startsPerSecond = 150;

/** Starts everything and waits until the fleet is connected. `onReady` is called before the first agent calls. */
export async function openBenchFleet(
  size: FleetBenchSize,
  {
    gateways,
    log,
    onReady,
  }: { gateways: number; log: (line: string) => void; onReady?: (plant: Plant) => void },
): Promise<BenchFleet> {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-fleet-"));
  const database = await openOwnDatabase(folder);
  const plant = await openPlant({ database });
  const closings: (() => Promise<unknown>)[] = [() => plant.stop()];
  const close = async () => {
    // Each once, also where it is closed again because something failed.
    for (const closeOne of closings.splice(0).toReversed()) await closeOne();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (let count = 0; count < gateways; count += 1) await plant.startGateway();
    const worker = await plant.startWorker({ hasOrganisations: true });
    const doors = await openDoors(size.doors);
    closings.push(() => doors.close());
    doors.lead(portsOf(plant.gateways));
    const { organisationId, installation } = plant.owner;
    const identities = await seedAgents(database.admin, {
      organisationId,
      tenantId: plant.tenantId,
      count: size.agents,
      gatewayUrl: doors.linkUrl,
      signingPublicKey: installation.signingPublicKey,
    });
    await database.admin.pool.query("vacuum analyze");
    log(`${identities.length} agents are enrolled`);
    onReady?.(plant);
    const arrivals = new Map<string, number>();
    const fleet = openFleetProcesses({
      members: identities.map((identity, number) => ({ number, identity })),
      processes: size.processes,
      authority: doors.authority,
      rowsPerMinute: size.rowsPerMinute,
      startWithinMs: (1000 * size.agents) / startsPerSecond,
      onOrder: (jobId, atMs) => {
        if (!arrivals.has(jobId)) arrivals.set(jobId, atMs);
      },
    });
    closings.push(() => fleet.close());
    const untilConnected = async () => {
      const begunAtMs = preciseNowMs();
      await waitFor("the whole fleet to be connected", () => fleet.tally().connected === size.agents, {
        timeoutMs: connectWithinMs,
        intervalMs: 100,
      });
      return (preciseNowMs() - begunAtMs) / 1000;
    };
    log(`all are connected after ${(await untilConnected()).toFixed(1)} s`);
    const gateway = () => {
      const [first] = plant.gateways;
      if (first === undefined) throw new Error("No gateway runs.");
      return first;
    };
    return { plant, database, doors, worker, identities, fleet, arrivals, gateway, untilConnected, close };
  } catch (cause) {
    await close();
    throw cause;
  }
}

export function portsOf(gateways: readonly GatewayPart[]): readonly number[] {
  return gateways.map(({ url }) => Number(new URL(url).port));
}
