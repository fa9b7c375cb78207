import { certificates } from "@mailstead/db";
import { and, asc, eq, lte } from "drizzle-orm";
import {
  type Database,
  type Installation,
  type SystemContext,
  seeToEach,
  withSystemTransaction,
  withTransaction,
} from "../context/index.ts";
import type { RecordPublisher, Resolver } from "../dns/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import type { AcmeSettings } from "./acme-settings.ts";
import { type Advance, advanceCertificate } from "./advance-certificate.ts";
import type { LookAtHost } from "./look-at-host.ts";
import { type AcmeAccount, forgetAccount, openAccount } from "./open-account.ts";

const certificatesPerRun = 50;
const atOnceMax = 5;
/** A worker that dies in between keeps a certificate from the others for this long. */
const claimedForMs = 3 * 60_000;

export interface CertificateRun {
  advanced: { certificateId: string; advance: Advance }[];
  failed: { certificateId: string; cause: unknown }[];
}

export interface CertificateWork {
  app: Database;
  installation: Installation;
  opener: SecretOpener;
  settings: AcmeSettings;
  publisher: RecordPublisher;
  resolver: Resolver;
  lookAtHost: LookAtHost;
  patienceMs?: number;
  pollEveryMs?: number;
}

const patienceMs = 45_000;
const pollEveryMs = 1_500;

/**
 * Brings on every certificate whose turn it is. The system finds them; each is worked on in the context of its own
 * organisation. Several workers side by side take different ones.
 */
export async function runDueCertificates(ctx: SystemContext, work: CertificateWork): Promise<CertificateRun> {
  const run: CertificateRun = { advanced: [], failed: [] };
  const rows = await findDue(ctx);
  let account: Promise<AcmeAccount> | null = null;
  const deps = {
    patienceMs,
    pollEveryMs,
    ...work,
    openAccount() {
      account ??= openAccount(ctx, work);
      return account;
    },
  };
  const { app, installation } = work;
  const failed = await seeToEach(ctx, { rows, app, installation, atOnceMax }, async (own, row) => {
    const { certificateId, nextAttemptAt } = row;
    const until = new Date(ctx.now().getTime() + claimedForMs);
    const claimed = await withTransaction(own, (tx) =>
      tx
        .update(certificates)
        .set({ nextAttemptAt: until })
        .where(and(eq(certificates.id, certificateId), eq(certificates.nextAttemptAt, nextAttemptAt)))
        .returning({ id: certificates.id }),
    );
    if (claimed.length === 0) return undefined;
    const advance = await advanceCertificate(own, { certificateId, deps });
    if (advance.kind === "failed" && advance.isAccountLost)
      await forgetAccount(ctx, work.settings.directoryUrl);
    run.advanced.push({ certificateId, advance });
    return undefined;
  });
  run.failed.push(...failed.map(({ row: { certificateId }, cause }) => ({ certificateId, cause })));
  return run;
}

function findDue(ctx: SystemContext) {
  return withSystemTransaction(ctx, (tx) =>
    tx
      .select({
        certificateId: certificates.id,
        organisationId: certificates.organisationId,
        nextAttemptAt: certificates.nextAttemptAt,
      })
      .from(certificates)
      .where(lte(certificates.nextAttemptAt, ctx.now()))
      .orderBy(asc(certificates.nextAttemptAt))
      .limit(certificatesPerRun),
  );
}
