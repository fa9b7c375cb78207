import { endingSteps } from "@mailstead/core/dkim";
import { zoneFileLine } from "@mailstead/core/dns";
import { dkimKeys, dkimRotationEvents, dkimRotations, servers, type Transaction } from "@mailstead/db";
import { and, asc, desc, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { noWayBack } from "./go-back-rotation.ts";
import { readKeyFindings } from "./key-findings.ts";
import { factsOf, readRotation } from "./load-rotation.ts";
import type { RotationRecords } from "./rotation-records.ts";

const getRotationInput = z.object({ domainId: z.uuid() });
const pastMax = 20;

export type RotationView = Awaited<ReturnType<typeof getRotation>>;

/** Where the rotation of a domain's keys stands, its story so far, its schedule, and former ones. Throws `not-found`. */
export async function getRotation(ctx: ServiceContext, input: z.input<typeof getRotationInput>) {
  const { domainId } = parseInput(getRotationInput, input);
  return withTransaction(ctx, async (tx) => {
    const { rotationIntervalDays, nextRotationAt } = await findDomain(tx, domainId);
    const rows = await tx
      .select()
      .from(dkimRotations)
      .where(eq(dkimRotations.domainId, domainId))
      .orderBy(desc(dkimRotations.startedAt), desc(dkimRotations.id))
      .limit(pastMax);
    const [open, ...ending] = rows.filter(({ step }) => step !== "done");
    return {
      /** Hosts that hold keys and are away: a person may know that one is lost for good. */
      hostsAway: await readHostsAway(tx, domainId),
      schedule: { intervalDays: rotationIntervalDays, nextAt: nextRotationAt },
      /** What a person should know besides where a rotation stands: why keys could not be replaced or published. */
      concerns: (await readKeyFindings(tx, { domainId })).map(({ sentence, at }) => ({ sentence, at })),
      current: open === undefined ? null : await viewOpen(tx, open.id),
      /** Whether the next one may begin, though the last one still brings its old keys to their end. */
      isNextOpen: rows.every(({ step }) => endingSteps.includes(step)),
      /** Earlier ones that still do. */
      ending: ending.map(({ id, step, startedAt, waitsFor, alarm }) => ({
        id,
        step,
        startedAt,
        waitsFor,
        alarm,
      })),
      past: rows
        .filter(({ step }) => step === "done")
        .map(({ id, kind, outcome, startedAt, startedBy, endedAt, reason }) => ({
          id,
          kind,
          outcome,
          startedAt,
          startedBy,
          endedAt,
          reason,
        })),
    };
  });
}

async function readHostsAway(tx: Transaction, domainId: string): Promise<{ id: string; name: string }[]> {
  return tx
    .selectDistinct({ id: servers.id, name: servers.name })
    .from(dkimKeys)
    .innerJoin(servers, eq(servers.id, dkimKeys.serverId))
    .where(
      and(
        eq(dkimKeys.domainId, domainId),
        inArray(dkimKeys.state, ["waiting", "signing", "retiring"]),
        isNotNull(dkimKeys.publicKey),
        isNull(dkimKeys.privateKeyGoneAt),
        isNull(servers.gatewayId),
      ),
    )
    .orderBy(asc(servers.name));
}

async function viewOpen(tx: Transaction, rotationId: string) {
  const loaded = await readRotation(tx, rotationId);
  const { row, progress, records } = loaded;
  const { servers } = factsOf(loaded, null);
  const isByHand = progress.publication?.digest === records.digest && progress.publication.kind === "by-hand";
  return {
    id: row.id,
    kind: row.kind,
    course: row.course,
    step: row.step,
    stepSince: row.stepSince,
    startedAt: row.startedAt,
    startedBy: row.startedBy,
    reason: row.reason,
    waitsFor: row.waitsFor,
    waitsUntil: row.waitsUntil,
    alarm: row.alarm,
    alarmSince: row.alarmSince,
    /** Null when the way back is open, else why it is not. */
    noWayBack: noWayBack(row),
    /** Records that a person has to paste and to take away, as lines of a zone file; null when a provider does it. */
    byHand: isByHand
      ? {
          put: records.put.map(zoneFileLine),
          withdraw: namesLeft(records),
        }
      : null,
    servers: servers.map((server) => ({
      id: server.serverId,
      name: server.name,
      isOnline: server.isOnline,
      isTold: server.switchRevision !== null,
      hasApplied: server.switchRevision !== null && server.appliedRevision >= server.switchRevision,
      test: server.test?.state ?? null,
    })),
    events: await readEvents(tx, rotationId),
  };
}

/** What has to go altogether; a record that another takes the place of is not taken away first. */
function namesLeft({ put, withdraw }: RotationRecords): string[] {
  const replaced = new Set(put.map(({ name }) => name));
  return [
    ...new Set(
      withdraw.filter(({ name }) => !replaced.has(name)).map(({ name, type }) => `${name}. ${type}`),
    ),
  ];
}

/** The story of a rotation, its evidence as lines. */
export async function readEvents(tx: Transaction, rotationId: string) {
  const events = await tx
    .select()
    .from(dkimRotationEvents)
    .where(eq(dkimRotationEvents.rotationId, rotationId))
    .orderBy(asc(dkimRotationEvents.number));
  return events.map(({ number, at, step, kind, actorName, sentence, evidence }) => ({
    number,
    at,
    step,
    kind,
    actorName,
    sentence,
    lines: evidenceLines(evidence),
  }));
}
