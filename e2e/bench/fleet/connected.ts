import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Measure, median } from "../measure.ts";
import type { BareClientsOrder } from "./bare-clients.ts";
import { openDoors } from "./doors.ts";
import { residentMiB, watchMemory } from "./memory.ts";
import type { FleetBenchSize } from "./size.ts";

/** A garbage collector needs a while of the same before memory is what is needed. */
const restMs = 20_000;
const gatewayMaxMiB = 900;

export interface Held {
  readonly beforeMiB: number;
  readonly maxMiB: number;
  readonly medianMiB: number;
}

/** Watches a gateway that holds the whole fleet, for so long. */
export async function watchGateway(pid: number, beforeMiB: number, forMs: number): Promise<Held> {
  const watched = watchMemory(pid);
  await wait(forMs);
  const { max, samples } = watched.read();
  return { beforeMiB, maxMiB: max, medianMiB: median(samples) };
}

/** What a server of bare `ws` sockets takes for as many connections, with TLS before it as the gateway has, or its own. */
export async function measureBare(
  size: FleetBenchSize,
  { hasOwnTls }: { hasOwnTls: boolean },
): Promise<{ perAgentKiB: number }> {
  const doors = await openDoors(size.doors);
  const server = fork(join(import.meta.dirname, "bare-server.ts"), { execArgv: [] });
  const clients = Array.from({ length: size.processes }, () =>
    fork(join(import.meta.dirname, "bare-clients.ts"), { execArgv: [] }),
  );
  try {
    server.send(hasOwnTls ? doors.certificate : { certificate: null, key: null });
    const [{ port }] = (await once(server, "message")) as [{ port: number }];
    doors.lead([port]);
    const beforeMiB = residentMiB(server.pid ?? 0);
    const url = hasOwnTls ? `wss://127.0.0.1:${port}/agent/link` : doors.linkUrl;
    const count = Math.ceil(size.agents / size.processes);
    await Promise.all(
      clients.map(async (client, index) => {
        const order: BareClientsOrder = {
          url,
          count,
          authority: doors.authority,
          localAddress: `127.0.2.${index + 1}`,
        };
        client.send(order);
        await once(client, "message");
      }),
    );
    const watched = watchMemory(server.pid ?? 0);
    await wait(restMs);
    const held = median(watched.read().samples);
    return { perAgentKiB: (1024 * (held - beforeMiB)) / (count * size.processes) };
  } finally {
    for (const child of [server, ...clients]) if (child.connected) child.disconnect();
    await doors.close();
  }
}

/** The gateway's memory with all agents connected and telling, beside bare sockets. */
export function connectedMeasures({
  size,
  held,
  bare,
  doorsMiB,
  connections,
}: {
  size: FleetBenchSize;
  held: Held;
  bare: { readonly behindDoor: readonly number[]; readonly ownTls: readonly number[] };
  doorsMiB: number;
  connections: number;
}): Measure[] {
  const { agents, rowsPerMinute } = size;
  const perAgentKiB = (1024 * (held.medianMiB - held.beforeMiB)) / agents;
  const bareKiB = median(bare.behindDoor);
  return [
    {
      name: `gateway RSS with ${agents} agents, highest`,
      unit: "MiB",
      value: held.maxMiB,
      aim: { kind: "at-most", value: gatewayMaxMiB },
      runs: 1,
      note: `half of the time ${held.medianMiB.toFixed(0)} MiB, ${held.beforeMiB.toFixed(0)} before the first agent; ${rowsPerMinute} rows of telemetry a minute each; TLS in ${size.doors} doors of together ${doorsMiB.toFixed(0)} MiB`,
    },
    {
      name: "gateway RSS per agent",
      unit: "KiB",
      value: perAgentKiB,
      aim: null,
      runs: 1,
    },
    {
      name: "bare ws RSS per socket, behind the same doors",
      unit: "KiB",
      value: bareKiB,
      aim: null,
      runs: bare.behindDoor.length,
    },
    {
      name: "bare ws RSS per socket, with TLS of its own",
      unit: "KiB",
      value: median(bare.ownTls),
      aim: null,
      runs: bare.ownTls.length,
    },
    {
      name: "gateway RSS per agent next to bare ws",
      unit: "x",
      value: perAgentKiB / bareKiB,
      aim: null,
      runs: 1,
    },
    {
      name: "connections to Postgres with the fleet connected",
      unit: "counts",
      value: connections,
      aim: null,
      runs: 1,
    },
  ];
}
