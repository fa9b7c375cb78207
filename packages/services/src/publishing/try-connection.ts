import { dnsConnections } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { withSystemTransaction } from "../context/index.ts";
import { DnsProviderError, type ProviderZone } from "../dns/index.ts";
import { openSettings } from "./connection-secret.ts";
import type { PublishingWorker } from "./publishing-worker.ts";

export type ConnectionTrial =
  | { kind: "working"; zones: ProviderZone[] }
  | { kind: "failing"; error: DnsProviderError }
  | { kind: "gone" };

/** Tries the credentials of a connection by listing its zones, and keeps what came of it. */
export async function tryConnection(
  worker: PublishingWorker,
  connectionId: string,
): Promise<ConnectionTrial> {
  const { system } = worker;
  const [row] = await withSystemTransaction(system, (tx) =>
    tx
      .select({ id: dnsConnections.id, box: dnsConnections.box })
      .from(dnsConnections)
      .where(eq(dnsConnections.id, connectionId)),
  );
  if (row === undefined) return { kind: "gone" };
  const trial = await listZones(worker, row);
  await withSystemTransaction(system, (tx) =>
    tx
      .update(dnsConnections)
      .set({
        testedAt: system.now(),
        state: trial.kind,
        problem: trial.kind === "failing" ? trial.error.message : null,
        // What it reached before is kept: a provider that fails now has not lost its zones.
        ...(trial.kind === "working" ? { zones: trial.zones } : {}),
      })
      .where(eq(dnsConnections.id, connectionId)),
  );
  return trial;
}

async function listZones(
  worker: PublishingWorker,
  row: { id: string; box: string },
): Promise<Exclude<ConnectionTrial, { kind: "gone" }>> {
  try {
    const zones = await worker.openProvider(openSettings(worker.opener, row)).listZones();
    if (zones.length > 0) return { kind: "working", zones };
    const error = new DnsProviderError(
      "not-allowed",
      "The credentials are right, but they reach no zone; give them access to at least one.",
    );
    return { kind: "failing", error };
  } catch (error) {
    if (!(error instanceof DnsProviderError)) throw error;
    return { kind: "failing", error };
  }
}
