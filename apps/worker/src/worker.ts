import { openDeliveryQueue } from "@mailstead/queue";
import { openBus, outboxChannel } from "@mailstead/services/bus";
import {
  type Database,
  type Installation,
  installationFromEnvironment,
  openDatabase,
} from "@mailstead/services/context";
import { readSigner, type WorkerEnvironment } from "./env.ts";
import type { Log } from "./log.ts";
import { startRelay } from "./relay/relay.ts";
import { deliverySchedules } from "./schedules/delivery-schedules.ts";
import { directorySchedules } from "./schedules/directory-schedules.ts";
import { domainSchedules } from "./schedules/domain-schedules.ts";
import { retentionSchedules } from "./schedules/retention-schedules.ts";
import { startSchedules } from "./schedules/schedule.ts";
import { zoneSchedules } from "./schedules/zone-schedules.ts";
import { createSystemContext, type WorkerContext } from "./worker-context.ts";

export interface Worker {
  /** Finishes what is in hand and lets go of everything. */
  close(): Promise<void>;
}

/** Starts a worker; resolves when the relay listens. Rejects with a sentence when something it needs is missing. */
export async function startWorker({ env, log }: { env: WorkerEnvironment; log: Log }): Promise<Worker> {
  const signer = readSigner(env);
  const address = { databaseUrl: env.SYSTEM_DATABASE_URL, redisUrl: env.REDIS_URL };
  const onProblem = (problem: Error) =>
    log.warn({ err: problem }, "a connection of the worker has a problem");
  const database = openDatabase(address.databaseUrl, { onIdleError: onProblem });
  const system = createSystemContext(database);
  const bus = await openBus({ ...address, onProblem });
  const queue = await openDeliveryQueue(address, onProblem);
  const context: WorkerContext = { bus, queue, log, signer, system };
  const relay = startRelay(context);
  // Outbox rows announce themselves by NOTIFY as they commit, whatever else carries wake-ups.
  const outboxBus =
    address.redisUrl === undefined ? bus : await openBus({ databaseUrl: address.databaseUrl, onProblem });
  await outboxBus.subscribe(outboxChannel, () => relay.wake());
  const app = openOrganisations(env, onProblem);
  if (app === null)
    log.warn(
      "APP_DATABASE_URL or MAILSTEAD_SIGNING_PUBLIC_KEY_FILE is not set, so no domain is checked unless a person asks, and new DKIM keys wait for that.",
    );
  const schedules = startSchedules(
    [
      ...deliverySchedules(context, relay),
      ...directorySchedules(context),
      ...retentionSchedules(context),
      ...(app === null ? [] : domainSchedules(context, app)),
      ...(app === null ? [] : zoneSchedules(context, app)),
    ],
    log,
  );
  log.info("the worker is ready");
  return {
    async close() {
      await schedules.close();
      await relay.close();
      await queue.close();
      if (outboxBus !== bus) await outboxBus.close();
      await bus.close();
      await app?.app.close();
      await database.close();
      log.info("the worker has stopped");
    },
  };
}

/** What concerns one organisation is done in the web's role, so that row level security holds in the worker too. */
function openOrganisations(
  env: WorkerEnvironment,
  onIdleError: (problem: Error) => void,
): { app: Database; installation: Installation } | null {
  if (env.APP_DATABASE_URL === undefined || env.MAILSTEAD_SIGNING_PUBLIC_KEY_FILE === undefined) return null;
  const { PUBLIC_URL, MAILSTEAD_SIGNING_PUBLIC_KEY_FILE, DNS_RESOLVER } = env;
  return {
    app: openDatabase(env.APP_DATABASE_URL, { onIdleError, connectionsMax: 2 }),
    installation: installationFromEnvironment({
      PUBLIC_URL,
      MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
      DNS_RESOLVER,
    }),
  };
}
