import { acmeProblemCode, planNextAttempt } from "@mailstead/core/certificates";
import { acmeOrders, certificates, newId } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { AcmeError } from "./acme/acme-error.ts";
import { renewalId } from "./acme/renewal-id.ts";
import type { Advance } from "./advance.ts";
import type { CertificateDeps } from "./certificate-deps.ts";
import { type CertificateRow, readCertificate, subjectOf, titleOf } from "./certificate-row.ts";
import { checkChain } from "./check-chain.ts";
import { endOrder } from "./end-order.ts";
import { type FoundNames, findMoreNames, findNames } from "./find-names.ts";
import { keepIssued } from "./keep-issued.ts";
import type { AcmeAccount } from "./open-account.ts";
import { planKey } from "./plan-key.ts";
import type { PublishedFor } from "./publish-records.ts";
import { retireTlsa, rollOverTlsa } from "./roll-over-tlsa.ts";
import { lookEveryMs, wait } from "./schedule-look.ts";
import { settle } from "./settle.ts";
import { tellHost } from "./target-certificates.ts";
import { workOnOrder } from "./work-on-order.ts";

const keyMadeWithinMs = 15_000;

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
  const at = { ipAddresses: row.server.facts?.ipAddresses ?? [], resolver: deps.resolver };
  if (!isDue(row, ctx.now())) {
    const names = await findMoreNames(subjectOf(row), { ...at, known: certificate.names });
    if (names === null) return await settle(row, who);
    await withTransaction(ctx, (tx) => planKey(tx, ctx, { row, names }));
    return await wait(row, who, hostAtWork(ctx.now()));
  }
  const found = await findNames(subjectOf(row), at);
  const account = await deps.openAccount();
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
  const { url } = await orderAnew(account, { names: planned.names, replaces });
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

/** An order that was lost on the way may have replaced the certificate already in the CA's eyes (RFC 9773 §5). */
async function orderAnew(
  { client }: AcmeAccount,
  { names, replaces }: { names: readonly string[]; replaces: string | null },
) {
  try {
    return await client.newOrder(names, replaces);
  } catch (error) {
    const failure = error instanceof AcmeError ? error.failure : null;
    const isReplaced = failure?.kind === "ca-problem" && acmeProblemCode(failure.type) === "alreadyReplaced";
    if (replaces === null || !isReplaced) throw error;
    return await client.newOrder(names, null);
  }
}

async function goOn(
  row: CertificateRow,
  { account, who }: { account: AcmeAccount; who: PublishedFor },
): Promise<Advance> {
  const { order } = row;
  if (order === null) return { kind: "settled" };
  const key = row.keys.get(order.keyId);
  // A key without a request went down with its host, and the one in its place cannot finish what that began.
  if (order.directoryUrl !== account.directoryUrl || key === undefined || key.request === null) {
    await endOrder(row, { who, outcome: "failed", problem: null });
    return await wait(row, who, { afterMs: 0 });
  }
  const progress = await workOnOrder({ row, order, account, who });
  if (progress.kind === "under-way") {
    const { nextKeyId } = row.certificate;
    if (nextKeyId === null || nextKeyId === order.keyId) return await wait(row, who, progress);
    // Another key is wanted by now, so nothing more is waited for on behalf of this one.
    await endOrder(row, { who, outcome: "failed", problem: null });
    return await wait(row, who, { afterMs: 0 });
  }
  const checked = checkChain(progress.chain, {
    names: key.names,
    spkiSha256: key.spkiSha256 ?? "",
    now: who.ctx.now(),
  });
  return await keepIssued(row, { checked, keyId: key.id, names: key.names, who });
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
  const isOfCa = error.failure.kind === "ca-problem" || error.failure.kind === "ca-unreachable";
  const soonest = new Date(Math.min(next.retryAt.getTime(), latestLook(row, now)));
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
        nextAttemptAt: isOfCa ? next.retryAt : soonest,
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

function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((name) => right.includes(name));
}
