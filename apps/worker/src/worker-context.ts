import { randomUUID } from "node:crypto";
import type { DeliveryQueue } from "@mailstead/queue";
import type { Bus } from "@mailstead/services/bus";
import type { Database, SystemContext } from "@mailstead/services/context";
import type { JobSigner } from "@mailstead/services/jobs";
import type { Log } from "./log.ts";

/** What every part of the worker works with. */
export interface WorkerContext {
  readonly bus: Bus;
  readonly queue: DeliveryQueue;
  readonly log: Log;
  readonly signer: JobSigner;
  /** A context for one piece of work, with an id of its own. */
  readonly system: () => SystemContext;
}

/** Contexts of the worker's own role, on one pool of connections. */
export function createSystemContext(database: Database): () => SystemContext {
  return () => ({
    actor: { kind: "system", name: "worker" },
    database,
    now: () => new Date(),
    requestId: randomUUID(),
  });
}
