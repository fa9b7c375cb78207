// measure-tracker count|keep FOLDER LOG: follows a mail log in a file as the agent does, and prints what it came to.
// `count` is what becomes counts of minutes; `keep` also writes the host's index of messages and all that outlives a restart.

import { linkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  batchesOf,
  createDeliveryCounter,
  createDeliveryTracker,
  type DeliveryCount,
  deliveryBatchSchema,
} from "@mailstead/core/delivery";
import { traceEventSchema } from "@mailstead/core/trace";
import { z } from "zod";
import { pathUnder, realHost } from "../platform/host.ts";
import { openFileLog } from "../telemetry/file-log.ts";
import { ownAddressFor } from "../telemetry/own-address.ts";
import { linesAtOnceMax, openDeliveryReader } from "../telemetry/read-deliveries.ts";
import { readReadState } from "../telemetry/read-state.ts";
import { createSeenProviders } from "../telemetry/seen-providers.ts";
import { withStore } from "../telemetry/store.ts";

const bodyRow = z.object({ body: z.string() });
const [mode, folder = "", path = ""] = process.argv.slice(2);
const storePath = join(folder, "telemetry.sqlite");
const followed = join(folder, "mail.log");
const host = { ...realHost(), path: pathUnder(folder) };
const log = openFileLog(host, "/mail.log");

/** Puts the whole log where an empty one was followed, since what was logged before that is not counted. */
function begin(): void {
  rmSync(followed);
  linkSync(path, followed);
}

interface Told {
  readonly counts: readonly DeliveryCount[];
  readonly refused?: number;
}

async function count(): Promise<Told> {
  const cursor = await log.read(null, () => undefined);
  begin();
  const tracker = createDeliveryTracker();
  const counter = createDeliveryCounter(ownAddressFor());
  let lines = 0;
  await log.read(cursor, (record) => {
    for (const delivery of tracker.take(record)) counter.add(delivery);
    lines += 1;
    if (lines % linesAtOnceMax === 0) tracker.readChanges();
  });
  for (const delivery of tracker.settle(host.nowUnixMs())) counter.add(delivery);
  return { counts: batchesOf(counter.read()).flatMap(({ counts }) => counts) };
}

async function keep(): Promise<Told> {
  const reader = openDeliveryReader({
    storePath,
    log,
    state: await readReadState(storePath),
    nowUnixMs: host.nowUnixMs,
    seen: createSeenProviders(host),
  });
  await reader.read();
  begin();
  await reader.read();
  return withStore(storePath, (database) => {
    const bodies = (sql: string) =>
      database
        .prepare(sql)
        .all()
        .map((row) => JSON.parse(bodyRow.parse(row).body));
    return {
      counts: bodies("select batch as body from spool where stream = 'delivery'").flatMap(
        (batch): readonly DeliveryCount[] => deliveryBatchSchema.parse(batch).counts,
      ),
      refused: bodies("select body from trace_events").filter(
        (event) => traceEventSchema.parse(event).kind === "refused",
      ).length,
    };
  });
}

writeFileSync(followed, "");
const { counts, refused = null } = mode === "keep" ? await keep() : await count();
const rssMaxKib = process.resourceUsage().maxRSS;
// A row a line, written at once: as JSON or one by one this would take a part of what is measured.
const rows = counts.map(
  ({ minute, direction, domain, provider, status, category, attempts }) =>
    `${minute} ${direction} ${domain} ${provider} ${status} ${category} ${attempts}\n`,
);
process.stdout.write(`${refused} ${rssMaxKib}\n${rows.join("")}`);
