import { stackPaths } from "@mailstead/core/mail-flow";
import type { AgentFrame, GatewayFrame, TelemetryStream } from "@mailstead/core/wire";
import type { Identity } from "../link/identity.ts";
import type { AptPlan } from "../observe/inventory/apt-plan.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { agentPaths } from "../platform/paths.ts";
import { accountSource } from "./account-source.ts";
import { blockListSource } from "./block-list-source.ts";
import { deliverySource } from "./delivery-source.ts";
import { inventorySource } from "./inventory-source.ts";
import { reportSource } from "./reports/report-source.ts";
import { forgetStored, readFirstBatch } from "./spool.ts";
import { closeStores } from "./store.ts";
import type { TelemetrySource } from "./telemetry-source.ts";
import { verdictsSource } from "./verdicts-source.ts";

/** What this host tells of its mail without being asked. */
export interface Telemetry {
  /** A new connection: what was under way on the last one is sent again. */
  connected(): void;
  /** What the gateway has stored is forgotten, and the next is sent. */
  stored(frame: Extract<GatewayFrame, { type: "telemetry-stored" }>): void;
  /**
   * Reads one stream, or all there are, now and not at its next turn. Resolves when that is over, also where something could
   * not be read.
   */
  readNow(stream?: TelemetryStream): Promise<void>;
  close(): void;
}

const soonMs = 10_000;

/** Reads each source at its own pace, and sends what it came to while there is a connection, one batch of each stream at a time. */
export function openTelemetry({
  host,
  identity,
  aptPlan,
  send,
}: {
  host: Host;
  identity: Pick<Identity, "serverId" | "sealingKeys">;
  aptPlan: AptPlan;
  send: (frame: AgentFrame) => boolean;
}): Telemetry {
  const storePath = host.path(agentPaths.telemetry);
  const sources: readonly TelemetrySource[] = [
    deliverySource(host, storePath),
    reportSource(host, storePath),
    verdictsSource(host, storePath),
    // After the log and the verdicts, by which it judges.
    accountSource({ host, storePath, directoryPath: host.path(stackPaths.directoryDatabase) }),
    blockListSource({ host, storePath, sealingKeys: identity.sealingKeys }),
    inventorySource({ host, storePath, aptPlan, serverId: identity.serverId }),
  ];
  /** What was sent on this connection and is not yet stored. */
  const underWay = new Map<TelemetryStream, string>();
  /** Streams that are read again before their next turn. */
  const soon = new Map<TelemetryStream, NodeJS.Timeout>();
  let isClosed = false;
  let turn: Promise<void> = Promise.resolve();

  async function read(source: TelemetrySource): Promise<void> {
    const { dropped, isBusy = false } = await source.read();
    if (isBusy) readSoon(source);
    if (dropped > 0)
      log("warning", `${dropped} batches of counts were dropped, because nobody has taken them for long`);
    await sendFirst(source.stream);
  }

  function readSoon(source: TelemetrySource): void {
    if (isClosed || soon.has(source.stream)) return;
    const timer = setTimeout(() => {
      soon.delete(source.stream);
      void after(source.what, () => read(source));
    }, soonMs);
    soon.set(source.stream, timer);
  }

  async function sendFirst(stream: TelemetryStream): Promise<void> {
    const first = await readFirstBatch(storePath, stream);
    if (first === null) return;
    const name = `${first.epoch} ${first.sequence}`;
    if (name !== underWay.get(stream) && send({ type: "telemetry", stream, ...first }))
      underWay.set(stream, name);
  }

  /** One thing at a time touches the store. What went wrong is tried again at the next turn. */
  function after(what: string, work: () => Promise<void>): Promise<void> {
    turn = turn
      .then(work)
      .catch((error: Error) => log("warning", `${what} could not be read: ${error.message}`));
    return turn;
  }

  function readAll(stream?: TelemetryStream): Promise<void> {
    for (const source of sources)
      if (stream === undefined || source.stream === stream) void after(source.what, () => read(source));
    return turn;
  }

  const timers = sources.map((source) =>
    setInterval(() => void after(source.what, () => read(source)), source.everyMs),
  );
  return {
    connected() {
      underWay.clear();
      void readAll();
    },
    stored: ({ stream, epoch, sequence }) =>
      void after("what waits to be told", async () => {
        await forgetStored(storePath, { stream, epoch, sequence });
        await sendFirst(stream);
      }),
    readNow: readAll,
    close() {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
      for (const timer of soon.values()) clearTimeout(timer);
      closeStores();
    },
  };
}
