import { type Rotation, type RotationFacts, type Shown, shownOf } from "@mailstead/core/dkim";
import { judgeRecord } from "@mailstead/core/dns";
import { hasEnded, type JobState } from "@mailstead/core/jobs";
import { dkimKeyMapPath } from "@mailstead/core/mail-flow";
import { dkimKeys, dkimRotations, domains, servers, type Transaction } from "@mailstead/db";
import { and, asc, eq, gt, inArray, ne, notInArray, or, sql } from "drizzle-orm";
import { ServiceError } from "../context/index.ts";
import type { Witness } from "../dns/index.ts";
import {
  progressOf,
  type RotationProgress,
  type RotationRow,
  rotationProgressSchema,
} from "./rotation-progress.ts";
import {
  type DkimKeyRow,
  lookupName,
  type RotationRecords,
  recordOfKey,
  recordsOfRotation,
} from "./rotation-records.ts";

/** A rotation with all that our own rows say of it. */
export interface LoadedRotation {
  row: RotationRow;
  progress: RotationProgress;
  domainName: string;
  keys: DkimKeyRow[];
  servers: LoadedServer[];
  records: RotationRecords;
  /** A later rotation replaces what this one brought. */
  isFollowed: boolean;
}

export interface LoadedServer {
  id: string;
  name: string;
  isOnline: boolean;
  appliedRevision: number;
  isKeyMapEdited: boolean;
  lastConverge: { state: JobState; createdAt: string } | null;
}

/** A rotation with its row locked until the transaction ends. Throws `not-found`. */
export async function loadRotation(tx: Transaction, rotationId: string): Promise<LoadedRotation> {
  const [row] = await tx.select().from(dkimRotations).where(eq(dkimRotations.id, rotationId)).for("update");
  return complete(tx, row);
}

/** The same for who only looks at it. */
export async function readRotation(tx: Transaction, rotationId: string): Promise<LoadedRotation> {
  const [row] = await tx.select().from(dkimRotations).where(eq(dkimRotations.id, rotationId));
  return complete(tx, row);
}

async function complete(tx: Transaction, row: RotationRow | undefined): Promise<LoadedRotation> {
  if (row === undefined) throw new ServiceError("not-found", "There is no such rotation.");
  const { id: rotationId } = row;
  const [domain] = await tx.select({ name: domains.name }).from(domains).where(eq(domains.id, row.domainId));
  const domainName = domain?.name ?? "";
  const keys = await tx
    .select()
    .from(dkimKeys)
    .where(or(eq(dkimKeys.madeBy, rotationId), eq(dkimKeys.replacedBy, rotationId)))
    .orderBy(asc(dkimKeys.selector));
  const otherHolders = await readOtherHolders(tx, keys);
  const serverIds = [...new Set(keys.map(({ serverId }) => serverId))];
  return {
    row,
    progress: rotationProgressSchema.parse(row.progress),
    domainName,
    keys,
    servers: serverIds.length === 0 ? [] : await readServers(tx, serverIds),
    records: recordsOfRotation(row, { keys, domainName, otherHolders }),
    isFollowed: await isFollowed(tx, row),
  };
}

/** Keys of other rotations that stand or stood under the delegated names of these. */
async function readOtherHolders(tx: Transaction, keys: readonly DkimKeyRow[]): Promise<DkimKeyRow[]> {
  const names = keys.flatMap(({ publishedAtName }) => (publishedAtName === null ? [] : [publishedAtName]));
  if (names.length === 0) return [];
  const ids = keys.map(({ id }) => id);
  return tx
    .select()
    .from(dkimKeys)
    .where(and(inArray(dkimKeys.publishedAtName, names), notInArray(dkimKeys.id, ids)));
}

/** One that was cancelled has touched nothing. */
async function isFollowed(tx: Transaction, { id, domainId, startedAt }: RotationRow): Promise<boolean> {
  const later = await tx
    .select({ id: dkimRotations.id })
    .from(dkimRotations)
    .where(
      and(
        eq(dkimRotations.domainId, domainId),
        ne(dkimRotations.course, "cancelled"),
        or(
          gt(dkimRotations.startedAt, startedAt),
          and(eq(dkimRotations.startedAt, startedAt), gt(dkimRotations.id, id)),
        ),
      ),
    )
    .limit(1);
  return later.length > 0;
}

async function readServers(tx: Transaction, serverIds: readonly string[]): Promise<LoadedServer[]> {
  const rows = await tx
    .select({
      id: servers.id,
      name: servers.name,
      isOnline: sql<boolean>`${servers.gatewayId} is not null and ${servers.enrolmentState} = 'enrolled'`,
      appliedRevision: servers.appliedRevision,
      observed: servers.observed,
      lastConverge: sql<LoadedServer["lastConverge"]>`(select jsonb_build_object('state', last.state,
        'createdAt', last.created_at) from jobs last where last.server_id = ${servers.id} and last.verb = 'converge'
        order by last.sequence desc limit 1)`,
    })
    .from(servers)
    .where(inArray(servers.id, [...serverIds]))
    .orderBy(asc(servers.id));
  return rows.map(({ observed, ...server }) => ({
    ...server,
    isKeyMapEdited: (observed?.drift ?? []).some(({ path }) => path === dkimKeyMapPath),
  }));
}

/** The rotation as core decides about it. */
export function rotationOf({ row }: LoadedRotation): Rotation {
  const { kind, course, step, stepSince, cacheWaitMs, timing } = row;
  return { kind, course, step, stepSince, cacheWaitMs, timing };
}

/** What is known of the rotation, with what the name servers said just now; null when nobody needed to ask them. */
export function factsOf(loaded: LoadedRotation, witness: Witness | null): RotationFacts {
  const { row, progress, records } = loaded;
  const { publication } = progress;
  return {
    resolverProblem: witness?.kind === "resolver-silent" ? witness.sentence : null,
    publication: publication?.digest === records.digest ? publication : null,
    isFollowed: loaded.isFollowed,
    wantsRecords: records.put.length + records.withdraw.length > 0,
    servers: loaded.servers.map((server) => {
      const { askedRevision, switchRevision, destroyRevision, test } = progressOf(progress, server.id);
      return {
        serverId: server.id,
        name: server.name,
        isOnline: server.isOnline,
        appliedRevision: server.appliedRevision,
        isKeyMapEdited: server.isKeyMapEdited,
        hasOpenConverge: server.lastConverge !== null && !hasEnded(server.lastConverge.state),
        convergeAskedAt: server.lastConverge === null ? null : new Date(server.lastConverge.createdAt),
        askedRevision,
        switchRevision,
        destroyRevision,
        test,
        keys: loaded.keys
          .filter(({ serverId, state }) => serverId === server.id && state !== "destroyed")
          .map((key) => ({
            selector: key.selector,
            role: key.madeBy === row.id ? ("incoming" as const) : ("outgoing" as const),
            state: key.state,
            isMade: key.publicKey !== null && key.privateKeyGoneAt === null,
            hasPrivateKey: key.privateKeyGoneAt === null,
            isNameReused: key.isNameReused,
            shown: shownNow(key, loaded.domainName, witness),
            shownSince: key.shownSince,
          })),
      };
    }),
  };
}

/** Whether the name servers show the very key that its host reported. */
export function shownNow(key: DkimKeyRow, domainName: string, witness: Witness | null): Shown {
  const record = recordOfKey(key, domainName);
  if (record === null || witness?.kind !== "heard") return "unknown";
  const heard = witness.names.find(({ name }) => name === lookupName(key, domainName));
  return heard === undefined ? "unknown" : shownOf(judgeRecord(record, heard.answers));
}
