import { acmeProblemCode, planNextAttempt, renewAt, renewalInfoEveryMs } from "@mailstead/core/certificates";
import { acmeOrders, certificateKeys, certificates, newId, type StoredRecord } from "@mailstead/db";
import { and, eq, isNull, notInArray } from "drizzle-orm";
import { recordAudit } from "../audit/index.ts";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { renewalId } from "./acme/renewal-id.ts";
import type { CertificateDeps } from "./certificate-deps.ts";
import { type CertificateRow, readCertificate, subjectOf, titleOf } from "./certificate-row.ts";
import { type CheckedChain, checkChain } from "./check-chain.ts";
import { type FoundNames, findNames } from "./find-names.ts";
import type { AcmeAccount } from "./open-account.ts";
import { planKey } from "./plan-key.ts";
import { type PublishedFor, withdrawRecords } from "./publish-records.ts";
import { retireTlsa, rollOverTlsa } from "./roll-over-tlsa.ts";
import { tellHost } from "./target-certificates.ts";
import { workOnOrder } from "./work-on-order.ts";

/** What one run has done for a certificate. */
export type Advance =
  | { kind: "issued"; names: string[]; notAfter: Date }
  | {
      kind: "failed";
      problem: { kind: "temporary" | "permanent"; sentence: string };
      /** The CA does not know our account any more. */
      isAccountLost: boolean;
    }
  | { kind: "waiting" | "settled" };

const keyMadeWithinMs = 15_000;
/** Nothing is left alone for longer, so that a new host name or a new address is noticed. */
const lookEveryMs = 60 * 60_000;

/**
 * Brings a certificate one move on: finds its names, has the host make its key, proves the names to the CA, takes the
 * chain and tells the host; renews it in time. Each move is written down before the next, so that whoever comes after a
 * crash goes on. What the CA or the network does is no error here, but the certificate's problem.
 */
export async function advanceCertificate(
  ctx: ServiceContext,
  { certificateId, deps }: { certificateId: string; deps: CertificateDeps },
): Promise<Advance> {
  const row = await withTransaction(ctx, (tx) => readCertificate(tx, certificateId));
  if (row === null) return { kind: "settled" };
  const who: PublishedFor = {
    ctx,
    deps,
    domainId: row.certificate.domainId,
    reason: `certificate of ${titleOf(row)}`,
  };
  try {
    return await move(row, who);
  } catch (error) {
    if (!(error instanceof AcmeError)) throw error;
    return await keepFailure(row, { error, who });
  }
}

async function move(row: CertificateRow, who: PublishedFor): Promise<Advance> {
  const { ctx, deps } = who;
  const { certificate } = row;
  await retireTlsa(row, who);
  if (row.order !== null) return await goOn(row, { account: await deps.openAccount(), who });
  if (!isDue(row, ctx.now())) return await settle(row, who);
  const account = await deps.openAccount();
  const found = await findNames(subjectOf(row), {
    ipAddresses: row.server.facts?.ipAddresses ?? [],
    resolver: deps.resolver,
  });
  const planned =
    certificate.nextKeyId === null
      ? { keyId: certificate.keyId, names: certificate.names }
      : { keyId: certificate.nextKeyId, names: certificate.nextNames ?? [] };
  if (!isSameSet(planned.names, found.names)) {
    await withTransaction(ctx, (tx) => planKey(tx, ctx, { row, names: found.names }));
    return await wait(row, who, hostAtWork(ctx.now()));
  }
  if ((row.keys.get(planned.keyId)?.request ?? null) === null)
    return await wait(row, who, hostAtWork(ctx.now()));
  if (certificate.nextKeyId !== null) {
    const rolled = await rollOverTlsa(row, who);
    if (rolled.kind === "waiting") return await wait(row, who, rolled);
  }
  if (certificate.challenge === "http-01") {
    const isReady = await lookAtNames(row, { found, account, who });
    if (!isReady) return await wait(row, who, hostAtWork(ctx.now()));
  }
  const order = await placeOrder(row, { account, who, planned });
  return await goOn({ ...row, order }, { account, who });
}

function hostAtWork(now: Date) {
  return {
    until: new Date(now.getTime() + keyMadeWithinMs),
    sentence: "The server makes the key and takes up its settings; then the certificate is asked for",
    toPaste: [],
  };
}

function isDue({ certificate, server, domainName }: CertificateRow, now: Date): boolean {
  const isRenamed = domainName === null && !certificate.names.includes(server.hostname);
  return (
    certificate.chain === null ||
    certificate.requestedAt !== null ||
    certificate.nextKeyId !== null ||
    isRenamed ||
    (certificate.renewAt !== null && certificate.renewAt <= now)
  );
}

/**
 * Sees what the CA would see, before it does: it counts each proof that fails. False while the host has not taken up the
 * account's thumbprint.
 */
async function lookAtNames(
  row: CertificateRow,
  { found, account, who }: { found: FoundNames; account: AcmeAccount; who: PublishedFor },
): Promise<boolean> {
  const { ctx, deps } = who;
  const { thumbprint } = account;
  const revision = await withTransaction(ctx, (tx) =>
    tellHost(tx, ctx, {
      serverId: row.certificate.serverId,
      summary: `Certificate wanted for ${titleOf(row)}`,
      thumbprint,
    }),
  );
  if (row.server.appliedRevision < revision) return false;
  for (const { name, addresses } of found.led)
    for (const address of addresses) {
      const problem = await deps.lookAtHost({ name, address, thumbprint });
      if (problem !== null)
        throw new AcmeError({
          kind: "not-ready",
          detail: `The certificate authority would find no proof at http://${name} (${address}, port 80): ${problem}. Open port 80 to the world, or choose DNS-01`,
          isPermanent: true,
        });
    }
  return true;
}

async function placeOrder(
  row: CertificateRow,
  {
    account,
    who,
    planned,
  }: { account: AcmeAccount; who: PublishedFor; planned: { keyId: string; names: readonly string[] } },
) {
  const { ctx } = who;
  const { id, organisationId, tenantId, chain, windowStart } = row.certificate;
  // A CA refuses an order that says to replace what it never spoke of itself.
  const replaces = chain === null || windowStart === null ? null : renewalId(chain);
  const { url } = await account.client.newOrder(planned.names, replaces);
  const { issuer, accountUrl } = await account.client.readCaaIdentity();
  const [order] = await withTransaction(ctx, async (tx) => {
    // Kept with the order and not with what comes of it: a record that names another account keeps the CA from issuing.
    await tx.update(certificates).set({ caaIssuer: issuer, accountUrl }).where(eq(certificates.id, id));
    return tx
      .insert(acmeOrders)
      .values({
        id: newId(ctx.now()),
        organisationId,
        tenantId,
        certificateId: id,
        keyId: planned.keyId,
        directoryUrl: account.directoryUrl,
        url,
        createdAt: ctx.now(),
      })
      .returning();
  });
  if (order === undefined) throw new Error(`the order of certificate ${id} was not kept`);
  return order;
}

async function goOn(
  row: CertificateRow,
  { account, who }: { account: AcmeAccount; who: PublishedFor },
): Promise<Advance> {
  const { order } = row;
  if (order === null) return { kind: "settled" };
  const key = row.keys.get(order.keyId);
  if (order.directoryUrl !== account.directoryUrl || key === undefined) {
    await endOrder(row, { who, outcome: "failed", problem: null });
    return await wait(row, who, { afterMs: 0 });
  }
  const progress = await workOnOrder({ row, order, account, who });
  if (progress.kind === "under-way") return await wait(row, who, progress);
  const checked = checkChain(progress.chain, {
    names: key.names,
    spkiSha256: key.spkiSha256 ?? "",
    now: who.ctx.now(),
  });
  return await keepIssued(row, { checked, keyId: key.id, names: key.names, who });
}

async function keepIssued(
  row: CertificateRow,
  {
    checked,
    keyId,
    names,
    who,
  }: { checked: CheckedChain; keyId: string; names: string[]; who: PublishedFor },
): Promise<Advance> {
  const { ctx } = who;
  const { id, organisationId, tenantId, domainId, serverId } = row.certificate;
  const { chain, version, issuer, notBefore, notAfter } = checked;
  const former = row.certificate.keyId === keyId ? null : row.keys.get(row.certificate.keyId);
  await withTransaction(ctx, async (tx) => {
    await tx
      .update(certificates)
      .set({
        names,
        keyId,
        chain,
        chainVersion: version,
        issuer,
        notBefore,
        notAfter,
        nextKeyId: null,
        nextNames: null,
        nextSeenSince: null,
        ...(former === null || former === undefined ? {} : { retiringSpki: former.spkiSha256 }),
        requestedAt: null,
        renewAt: renewAt({ certificateId: id, life: { notBefore, notAfter }, window: null }),
        windowStart: null,
        windowEnd: null,
        windowCheckAt: null,
        ...noProblem,
        nextAttemptAt: ctx.now(),
      })
      .where(eq(certificates.id, id));
    await tx
      .delete(certificateKeys)
      .where(and(eq(certificateKeys.certificateId, id), notInArray(certificateKeys.id, [keyId])));
    const issuedRevision = await tellHost(tx, ctx, {
      serverId,
      summary: `Certificate of ${titleOf(row)} issued`,
    });
    await tx.update(certificates).set({ issuedRevision }).where(eq(certificates.id, id));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "issue-certificate",
      subject:
        domainId === null
          ? { kind: "server", id: serverId, name: row.server.name }
          : { kind: "domain", id: domainId, name: titleOf(row) },
      after: { names, issuer, notAfter, server: row.server.name },
    });
  });
  await endOrder(row, { who, outcome: "issued", problem: null });
  return { kind: "issued", names, notAfter };
}

const noProblem = {
  attempts: 0,
  problem: null,
  problemKind: null,
  problemAt: null,
  toPaste: [] as StoredRecord[],
};

/** Nothing to do now: asks the CA when it wishes a renewal, and says when to look again. */
async function settle(row: CertificateRow, who: PublishedFor): Promise<Advance> {
  const { ctx, deps } = who;
  const { id, chain, notBefore, notAfter, windowCheckAt } = row.certificate;
  if (chain === null || notBefore === null || notAfter === null) return { kind: "settled" };
  const now = ctx.now();
  let { renewAt: planned } = row.certificate;
  if (windowCheckAt === null || windowCheckAt <= now) {
    const asked = await askWindow(chain, deps);
    const window = asked?.value ?? null;
    planned = renewAt({ certificateId: id, life: { notBefore, notAfter }, window });
    await withTransaction(ctx, (tx) =>
      tx
        .update(certificates)
        .set({
          renewAt: planned,
          windowStart: window?.start ?? null,
          windowEnd: window?.end ?? null,
          windowCheckAt: asked?.retryAt ?? new Date(now.getTime() + renewalInfoEveryMs),
        })
        .where(eq(certificates.id, id)),
    );
  }
  const untilMs = Math.min(planned?.getTime() ?? Number.POSITIVE_INFINITY, now.getTime() + lookEveryMs);
  await schedule(row, who, { until: new Date(untilMs), problem: null });
  return { kind: "settled" };
}

/** Null when the CA gives no window; that it cannot be asked is no trouble while there is time. */
async function askWindow(chain: string, deps: CertificateDeps) {
  try {
    const id = renewalId(chain);
    if (id === null) return null;
    const { client } = await deps.openAccount();
    return await client.readRenewalWindow(id);
  } catch (error) {
    if (error instanceof AcmeError) return null;
    throw error;
  }
}

async function wait(
  row: CertificateRow,
  who: PublishedFor,
  what: { afterMs: number } | { until: Date; sentence: string | null; toPaste: StoredRecord[] },
): Promise<Advance> {
  if ("afterMs" in what) {
    const until = new Date(who.ctx.now().getTime() + what.afterMs);
    await schedule(row, who, { until, problem: null });
  } else {
    const { until, sentence, toPaste } = what;
    const problem = sentence === null ? null : { sentence, toPaste };
    await schedule(row, who, { until, problem });
  }
  return { kind: "waiting" };
}

async function schedule(
  row: CertificateRow,
  { ctx }: PublishedFor,
  { until, problem }: { until: Date; problem: { sentence: string; toPaste: StoredRecord[] } | null },
): Promise<void> {
  const said =
    problem === null
      ? { problem: null, problemKind: null, problemAt: null, toPaste: [] }
      : {
          problem: problem.sentence.replace(/(?<![.!?])$/, "."),
          problemKind: problem.toPaste.length > 0 ? ("permanent" as const) : ("temporary" as const),
          problemAt: ctx.now(),
          toPaste: problem.toPaste,
        };
  await withTransaction(ctx, (tx) =>
    tx
      .update(certificates)
      .set({ nextAttemptAt: until, ...said })
      .where(eq(certificates.id, row.certificate.id)),
  );
}

async function keepFailure(
  row: CertificateRow,
  { error, who }: { error: AcmeError; who: PublishedFor },
): Promise<Advance> {
  const { ctx } = who;
  const { id } = row.certificate;
  const attempts = row.certificate.attempts + 1;
  const now = ctx.now();
  const next = planNextAttempt(error.failure, { certificateId: id, attempts }, now);
  const retryAt = new Date(Math.min(next.retryAt.getTime(), latestLook(row, now)));
  await withTransaction(ctx, (tx) =>
    tx
      .update(certificates)
      .set({
        attempts,
        problem: next.sentence,
        problemKind: next.kind,
        problemAt: now,
        toPaste: [],
        // What a person has to act on waits for that person.
        ...(next.kind === "permanent" ? { requestedAt: null } : {}),
        nextAttemptAt: error.failure.kind === "ca-problem" ? next.retryAt : retryAt,
      })
      .where(eq(certificates.id, id)),
  );
  // What is wrong with our own side leaves an order open at the CA for when it is put right.
  const endsOrder = error.failure.kind === "ca-problem" || error.failure.kind === "bad-chain";
  if (endsOrder) await endOrder(row, { who, outcome: "failed", problem: next.sentence });
  return {
    kind: "failed",
    problem: { kind: next.kind, sentence: next.sentence },
    isAccountLost:
      error.failure.kind === "ca-problem" && acmeProblemCode(error.failure.type) === "accountDoesNotExist",
  };
}

function latestLook({ certificate }: CertificateRow, now: Date): number {
  return certificate.chain === null ? Number.POSITIVE_INFINITY : now.getTime() + lookEveryMs * 6;
}

async function endOrder(
  row: CertificateRow,
  { who, outcome, problem }: { who: PublishedFor; outcome: "issued" | "failed"; problem: string | null },
): Promise<void> {
  const open = await withTransaction(who.ctx, (tx) =>
    tx
      .update(acmeOrders)
      .set({ endedAt: who.ctx.now(), outcome, problem })
      .where(and(eq(acmeOrders.certificateId, row.certificate.id), isNull(acmeOrders.endedAt)))
      .returning({ published: acmeOrders.published }),
  );
  for (const { published } of open) if (published.length > 0) await withdrawRecords(published, who);
}

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}
