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
import { type AcmeDefaults, followEnvironment, readAcmeSettings } from "./acme-settings.ts";
import type { Advance } from "./advance.ts";
import { advanceCertificate } from "./advance-certificate.ts";
import type { LookAtHost } from "./look-at-host.ts";
import { type AcmeAccount, forgetAccount, openAccount } from "./open-account.ts";
import { orderByItself } from "./order-by-itself.ts";
import { readDueTerms } from "./read-due-terms.ts";

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
  /** For organisations in which nobody has chosen on the screen. */
  settings: AcmeDefaults;
  publisher: RecordPublisher;
  resolver: Resolver;
  lookAtHost: LookAtHost;
  patienceMs?: number;
  pollEveryMs?: number;
}

const patienceMs = 45_000;
const pollEveryMs = 1_500;

/**
 * Begins the orders that nobody has to ask for, and brings on every certificate whose turn it is. The system finds them;
 * each is worked on in the context of its own organisation, with that one's account. Several workers side by side take
 * different ones.
 */
export async function runDueCertificates(ctx: SystemContext, work: CertificateWork): Promise<CertificateRun> {
  const run: CertificateRun = { advanced: [], failed: [] };
  const { app, installation } = work;
  await followEnvironment(ctx, work.settings);
  const unread = await readDueTerms(ctx);
  run.failed.push(...unread.map(({ organisationId, cause }) => ({ certificateId: organisationId, cause })));
  const unlooked = await orderByItself(ctx, work);
  run.failed.push(
    ...unlooked.map(({ row, cause }) => ({ certificateId: row.domainId ?? row.serverId, cause })),
  );
  const rows = await findDue(ctx);
  const accounts = accountsOf(ctx, work);
  const failed = await seeToEach(ctx, { rows, app, installation, atOnceMax }, async (own, row) => {
    const { certificateId, nextAttemptAt, organisationId } = row;
    const until = new Date(ctx.now().getTime() + claimedForMs);
    const claimed = await withTransaction(own, (tx) =>
      tx
        .update(certificates)
        .set({ nextAttemptAt: until })
        .where(and(eq(certificates.id, certificateId), eq(certificates.nextAttemptAt, nextAttemptAt)))
        .returning({ id: certificates.id }),
    );
    if (claimed.length === 0) return undefined;
    const deps = { patienceMs, pollEveryMs, ...work, openAccount: () => accounts.open(organisationId) };
    const advance = await advanceCertificate(own, { certificateId, deps });
    if (advance.kind === "failed" && advance.isAccountLost) await accounts.forget(organisationId);
    run.advanced.push({ certificateId, advance });
    return undefined;
  });
  run.failed.push(...failed.map(({ row: { certificateId }, cause }) => ({ certificateId, cause })));
  return run;
}

/** The account of each organisation, opened once for a whole run. */
function accountsOf(ctx: SystemContext, { opener }: Pick<CertificateWork, "opener">) {
  const opened = new Map<string, Promise<AcmeAccount>>();
  const settingsOf = (organisationId: string) => readAcmeSettings(ctx, { organisationId, opener });
  return {
    open(organisationId: string): Promise<AcmeAccount> {
      const known = opened.get(organisationId);
      if (known !== undefined) return known;
      const account = settingsOf(organisationId).then((settings) =>
        openAccount(ctx, { organisationId, settings, opener }),
      );
      opened.set(organisationId, account);
      return account;
    },
    async forget(organisationId: string): Promise<void> {
      const { directoryUrl } = await settingsOf(organisationId);
      await forgetAccount(ctx, { organisationId, directoryUrl });
    },
  };
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
