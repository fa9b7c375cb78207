import { setTimeout } from "node:timers/promises";
import { openDeliveryQueue } from "@mailstead/queue";
import { openBus, outboxChannel } from "@mailstead/services/bus";
import {
  type Database,
  type Installation,
  installationFromEnvironment,
  openDatabase,
} from "@mailstead/services/context";
import { storeSealingKey } from "@mailstead/services/secrets";
import { type DnsWorker, startDnsWorker } from "./dns/dns-worker.ts";
import { readAcmeDefaults, readSigningKey, type WorkerEnvironment } from "./env.ts";
import type { Log } from "./log.ts";
import { type MailSender, openMailSender } from "./mail-sender.ts";
import { startRelay } from "./relay/relay.ts";
import { deliverySchedules } from "./schedules/delivery-schedules.ts";
import { directorySchedules } from "./schedules/directory-schedules.ts";
import { organisationSchedules } from "./schedules/organisation-schedules.ts";
import { retentionSchedules } from "./schedules/retention-schedules.ts";
import { rollUpSchedule } from "./schedules/roll-up-schedule.ts";
import { startSchedules } from "./schedules/schedule.ts";
import { securityListSchedules } from "./schedules/security-list-schedules.ts";
import { timeSchedules } from "./schedules/time-schedules.ts";
import { zoneSchedules } from "./schedules/zone-schedules.ts";
import { createSystemContext, type WorkerContext } from "./worker-context.ts";

const rolledUpAtStartMaxMs = 30_000;

export interface Worker {
  /** Finishes what is in hand and lets go of everything. */
  close(): Promise<void>;
}

/** Starts a worker; resolves when the relay listens. Rejects with a sentence when something it needs is missing. */
export async function startWorker({ env, log }: { env: WorkerEnvironment; log: Log }): Promise<Worker> {
  const { signer, opener } = readSigningKey(env);
  const acmeDefaults = readAcmeDefaults(env);
  const address = { databaseUrl: env.SYSTEM_DATABASE_URL, redisUrl: env.REDIS_URL };
  const onProblem = (problem: Error) =>
    log.warn({ err: problem }, "a connection of the worker has a problem");
  const database = openDatabase(address.databaseUrl, { onIdleError: onProblem });
  const system = createSystemContext(database);
  const bus = await openBus({ ...address, onProblem });
  const queue = await openDeliveryQueue(address, onProblem);
  const context: WorkerContext = { bus, queue, log, signer, system };
  await storeSealingKey(system(), opener);
  const app = openOrganisations(env, onProblem);
  const dns: DnsWorker | null = app === null ? null : startDnsWorker(context, { ...app, opener });
  const relay = startRelay(context, () => dns?.wake());
  // Outbox rows announce themselves by NOTIFY as they commit, whatever else carries wake-ups.
  const outboxBus =
    address.redisUrl === undefined ? bus : await openBus({ databaseUrl: address.databaseUrl, onProblem });
  await outboxBus.subscribe(outboxChannel, () => relay.wake());
  if (app === null)
    log.warn(
      "APP_DATABASE_URL or MAILSTEAD_SIGNING_PUBLIC_KEY_FILE is not set, so no domain is checked unless a person asks, new DKIM keys wait for that, and nothing is published.",
    );
  const sender = openSender(env, log);
  const rollUp = rollUpSchedule(context);
  // What was told while no worker ran is added up before anybody judges by it, unless that takes long.
  const caughtUp = rollUp
    .run()
    .catch((problem: unknown) => log.error({ err: problem }, `"${rollUp.name}" failed; it is tried again`));
  await Promise.race([caughtUp, setTimeout(rolledUpAtStartMaxMs, undefined, { ref: false })]);
  const schedules = startSchedules(
    [
      ...timeSchedules(context),
      ...deliverySchedules(context, relay),
      ...directorySchedules(context),
      ...retentionSchedules(context),
      rollUp,
      ...securityListSchedules(context, { listsUrl: env.SECURITY_LISTS_URL }),
      ...(app === null ? [] : organisationSchedules(context, { ...app, opener, sender, acmeDefaults })),
      ...(dns === null ? [] : [dns.schedule]),
      ...(app === null ? [] : zoneSchedules(context, app)),
    ],
    log,
  );
  log.info("the worker is ready");
  return {
    async close() {
      await schedules.close();
      sender?.close();
      await relay.close();
      await dns?.close();
      await queue.close();
      if (outboxBus !== bus) await outboxBus.close();
      await bus.close();
      await app?.app.close();
      await database.close();
      log.info("the worker has stopped");
    },
  };
}

function openSender({ MAIL_URL: url, MAIL_FROM: from }: WorkerEnvironment, log: Log): MailSender | null {
  if (url !== undefined && from !== undefined) return openMailSender({ url, from });
  if (url !== undefined || from !== undefined)
    log.warn("Only one of MAIL_URL and MAIL_FROM is set, so no mail of what changed is sent.");
  return null;
}

/** What concerns one organisation is done in the web's role, so that row level security holds in the worker too. */
function openOrganisations(
  env: WorkerEnvironment,
  onIdleError: (problem: Error) => void,
): { app: Database; installation: Installation } | null {
  if (env.APP_DATABASE_URL === undefined || env.MAILSTEAD_SIGNING_PUBLIC_KEY_FILE === undefined) return null;
  const { PUBLIC_URL, MAILSTEAD_SIGNING_PUBLIC_KEY_FILE, DNS_RESOLVER, MAIL_FROM } = env;
  const { SPAMHAUS, BLOCK_LISTS, RDAP_URL, RPKI_URL, WEBHOOK_NETWORKS } = env;
  return {
    app: openDatabase(env.APP_DATABASE_URL, { onIdleError, connectionsMax: 2 }),
    installation: installationFromEnvironment({
      PUBLIC_URL,
      MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
      DNS_RESOLVER,
      MAIL_FROM,
      SPAMHAUS,
      BLOCK_LISTS,
      RDAP_URL,
      RPKI_URL,
      WEBHOOK_NETWORKS,
    }),
  };
}
