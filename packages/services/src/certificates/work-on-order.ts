import { acmeProblemCode, challengeRecordName } from "@mailstead/core/certificates";
import { acmeOrders, type StoredRecord } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { withTransaction } from "../context/index.ts";
import { dnsChallengeValue } from "./acme/account-key.ts";
import { type AcmeAuthorization, type AcmeOrder, type Answered, caProblem } from "./acme/acme-client.ts";
import { AcmeError } from "./acme/acme-error.ts";
import type { CertificateRow } from "./certificate-row.ts";
import type { AcmeAccount } from "./open-account.ts";
import { placeRecords, type WantedRecord } from "./place-records.ts";
import { followAliases, type PublishedFor, publishRecords } from "./publish-records.ts";

export type OrderProgress =
  | { kind: "issued"; chain: string }
  /** It goes on at the next run. */
  | { kind: "under-way"; until: Date; sentence: string | null; toPaste: StoredRecord[] };

export interface WorkedOrder {
  row: CertificateRow;
  order: NonNullable<CertificateRow["order"]>;
  account: AcmeAccount;
  who: PublishedFor;
}

const lookAgainMs = 5_000;
const pastedWithinMs = 2 * 60_000;

/**
 * Carries an order on from wherever it stands at the CA: proves the names, hands in the host's request, fetches the
 * chain. Whoever was killed before, at any point, is followed by the same steps. Throws AcmeError when the CA refuses.
 */
export async function workOnOrder(work: WorkedOrder): Promise<OrderProgress> {
  const { account, order, row, who } = work;
  const { client } = account;
  const deadlineMs = performance.now() + who.deps.patienceMs;
  for (;;) {
    const { value: found, retryAt } = await readOrder(work);
    switch (found.status) {
      case "pending": {
        const waiting = await proveNames(found, work);
        if (waiting !== null) return waiting;
        break;
      }
      case "ready":
        await client.finalize(found.finalize, row.keys.get(order.keyId)?.request ?? "");
        break;
      case "valid":
        if (found.certificate === undefined) throw lostOrder("it is valid and has no certificate");
        return { kind: "issued", chain: await client.downloadChain(found.certificate) };
      case "invalid":
        throw await refusalOf(found, work);
      case "processing":
        break;
    }
    if (performance.now() >= deadlineMs) {
      const until = retryAt ?? new Date(who.ctx.now().getTime() + lookAgainMs);
      return { kind: "under-way", until, sentence: null, toPaste: [] };
    }
    if (found.status !== "ready") await new Promise((resolve) => setTimeout(resolve, who.deps.pollEveryMs));
  }
}

/** Null when all proofs are in the CA's hands. */
async function proveNames(found: AcmeOrder, work: WorkedOrder): Promise<OrderProgress | null> {
  const { account, row, who } = work;
  const { client } = account;
  const wanted = row.certificate.challenge;
  const open: { url: string; wanted: WantedRecord | null }[] = [];
  for (const url of found.authorizations) {
    const { value: authorization } = await client.readAuthorization(url);
    if (authorization.status === "invalid") throw refused(authorization);
    if (authorization.status !== "pending") continue;
    const challenge = authorization.challenges.find(({ type }) => type === wanted);
    if (challenge === undefined)
      throw new AcmeError({
        kind: "not-ready",
        detail: `The certificate authority does not take ${wanted} for ${nameOf(authorization)}`,
        isPermanent: true,
      });
    // It is being looked at already.
    if (challenge.status !== "pending") continue;
    const proof = wanted === "dns-01" ? await proofOf(authorization, { token: challenge.token, work }) : null;
    open.push({ url: challenge.url, wanted: proof });
  }
  const proofs = open.flatMap((one) => (one.wanted === null ? [] : [one.wanted]));
  if (proofs.length > 0) {
    const placed = await placeRecords(proofs, who);
    // Written down first, so that nothing stays published when this process ends in between.
    await rememberPublished(
      work,
      placed.map(({ record }) => record),
    );
    const published = await publishRecords(placed, who);
    if (published.kind === "not-yet") {
      const until = new Date(
        who.ctx.now().getTime() + (published.toPaste.length > 0 ? pastedWithinMs : lookAgainMs),
      );
      return { kind: "under-way", until, sentence: published.sentence, toPaste: published.toPaste };
    }
  }
  for (const { url } of open) await client.respond(url);
  return null;
}

async function proofOf(
  authorization: AcmeAuthorization,
  { token, work }: { token: string; work: WorkedOrder },
): Promise<WantedRecord> {
  const { account, who } = work;
  const asked = challengeRecordName(authorization.identifier.value);
  const name = await followAliases(asked, who.deps.resolver);
  const value = dnsChallengeValue(account.client.key, token);
  return { record: { name, type: "TXT", value }, alias: name === asked ? null : asked };
}

async function rememberPublished(
  { order, who }: WorkedOrder,
  records: readonly StoredRecord[],
): Promise<void> {
  const known = new Map([...order.published, ...records].map((record) => [JSON.stringify(record), record]));
  order.published = [...known.values()];
  await withTransaction(who.ctx, (tx) =>
    tx.update(acmeOrders).set({ published: order.published }).where(eq(acmeOrders.id, order.id)),
  );
}

/** The CA's own words about what made an order invalid: they stand with the challenge that failed. */
async function refusalOf(found: AcmeOrder, { account }: WorkedOrder): Promise<AcmeError> {
  for (const url of found.authorizations) {
    const { value: authorization } = await account.client.readAuthorization(url);
    if (authorization.status === "invalid") return refused(authorization);
  }
  if (found.error !== undefined) return new AcmeError(caProblem(found.error));
  return lostOrder("it has made the order invalid and does not say why");
}

function refused(authorization: AcmeAuthorization): AcmeError {
  const error = authorization.challenges.find((challenge) => challenge.error !== undefined)?.error;
  return new AcmeError(caProblem(error ?? { type: "", detail: "" }, { name: nameOf(authorization) }));
}

function nameOf({ identifier, wildcard }: AcmeAuthorization): string {
  return wildcard === true ? `*.${identifier.value.replace(/^\*\./, "")}` : identifier.value;
}

/** An order that a CA has let go of, as it does after some days; another one takes its place. */
async function readOrder({ account, order }: WorkedOrder): Promise<Answered<AcmeOrder>> {
  try {
    return await account.client.readOrder(order.url);
  } catch (error) {
    const failure = error instanceof AcmeError ? error.failure : null;
    if (failure?.kind === "ca-problem" && lostCodes.includes(acmeProblemCode(failure.type)))
      throw lostOrder(failure.detail);
    throw error;
  }
}

const lostCodes = ["malformed", "unauthorized"];

function lostOrder(detail: string): AcmeError {
  return new AcmeError({ kind: "ca-problem", type: "", detail, retryAt: null });
}
