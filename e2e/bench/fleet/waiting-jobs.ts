import { readFileSync } from "node:fs";
import { jobCatalog } from "@mailstead/core/jobs";
import { insertMany, jobs, newId } from "@mailstead/db";
import { makeJobSigner } from "@mailstead/services/jobs";
import type { BenchFleet } from "./bench-fleet.ts";

export interface WaitingJob {
  readonly jobId: string;
  readonly serverId: string;
}

const verb = "restart-service";
const rowsAtOnce = 2000;

/**
 * Makes jobs that wait for their turn, as clicks and the worker's signature would, in bulk: the same number for each server,
 * which runs one at a time. Gives the first of each server beside all of them.
 */
export async function makeWaitingJobs(
  { plant, database, identities }: BenchFleet,
  count: number,
): Promise<{ all: readonly WaitingJob[]; firstOfEach: readonly WaitingJob[] }> {
  const signer = makeJobSigner(
    readFileSync(plant.gatewayEnvironment["MAILSTEAD_SIGNING_KEY_FILE"] ?? "", "utf8"),
  );
  const next = await takeSequences(database.admin, Math.ceil(count / identities.length));
  const now = new Date();
  const expiresAt = new Date(now.getTime() + jobCatalog[verb].deliverWithinMs);
  const args = { service: "postfix" };
  const make = (place: number): typeof jobs.$inferInsert => {
    const round = Math.floor(place / identities.length);
    const serverId = identities[place % identities.length]?.serverId ?? "";
    const [jobId, sequence] = [newId(now), (next.get(serverId) ?? 1) + round];
    const signed = signer.sign({
      formatVersion: 1,
      jobId,
      serverId,
      sequence,
      verb,
      args,
      issuedAtUnixMs: now.getTime(),
      expiresAtUnixMs: expiresAt.getTime(),
    });
    return {
      id: jobId,
      organisationId: plant.owner.organisationId,
      tenantId: plant.tenantId,
      serverId,
      sequence,
      lane: jobCatalog[verb].lane,
      verb,
      args,
      requestedBy: "bench",
      createdAt: now,
      deadlineAt: expiresAt,
      signedOrder: signed.order,
      signature: signed.signature,
      keyFingerprint: signed.keyFingerprint,
      signedAt: now,
    };
  };
  const all: WaitingJob[] = [];
  for (let first = 0; first < count; first += rowsAtOnce) {
    const rows = Array.from({ length: Math.min(rowsAtOnce, count - first) }, (_, index) =>
      make(first + index),
    );
    await database.admin.transaction((tx) => insertMany(tx, jobs, rows));
    all.push(...rows.map(({ id, serverId }) => ({ jobId: id, serverId })));
  }
  await database.admin.pool.query("analyze jobs");
  return { all, firstOfEach: all.slice(0, identities.length) };
}

/** Sets so many numbers of each server's own counter aside; gives the first of them. */
async function takeSequences(
  admin: BenchFleet["database"]["admin"],
  perServer: number,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await admin.pool.query<{ id: string; first: string }>(
    "update servers set next_job_sequence = next_job_sequence + $1 returning id, next_job_sequence - $1 as first",
    [perServer],
  );
  return new Map(rows.map(({ id, first }) => [id, Number(first)]));
}
