import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { dnsZoneWriters } from "@mailstead/db";
import { and, eq, lt, sql } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";

/** Longer than any zone takes to be written and read back. */
const heldForS = 300;
const patienceMs = 30_000;
const pauseMs = 100;

/**
 * Runs the reading and writing of a zone while no other worker of the installation writes into it, whoever's connection
 * it uses. Gives null, without having run, when the zone stays busy for long.
 */
export async function aloneInZone<T>(
  system: SystemContext,
  { zone, patience = patienceMs }: { zone: string; patience?: number },
  work: () => Promise<T>,
): Promise<T | null> {
  const writer = randomUUID();
  const giveUpAt = performance.now() + patience;
  while (!(await takeZone(system, { zone, writer }))) {
    if (performance.now() >= giveUpAt) return null;
    await wait(pauseMs);
  }
  try {
    return await work();
  } finally {
    await withSystemTransaction(system, (tx) =>
      tx.delete(dnsZoneWriters).where(and(eq(dnsZoneWriters.zone, zone), eq(dnsZoneWriters.writer, writer))),
    );
  }
}

/** By the clock of the database, which all workers share. */
async function takeZone(
  system: SystemContext,
  { zone, writer }: { zone: string; writer: string },
): Promise<boolean> {
  const until = sql<Date>`now() + make_interval(secs => ${heldForS})`;
  const rows = await withSystemTransaction(system, (tx) =>
    tx
      .insert(dnsZoneWriters)
      .values({ zone, writer, until })
      .onConflictDoUpdate({
        target: dnsZoneWriters.zone,
        set: { writer, until },
        setWhere: lt(dnsZoneWriters.until, sql`now()`),
      })
      .returning({ zone: dnsZoneWriters.zone }),
  );
  return rows.length > 0;
}
