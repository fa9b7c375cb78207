import { acmeAccounts, newId } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import { openAtRest, sealAtRest } from "../servers/index.ts";
import { makeAccountKey, readAccountKey } from "./acme/account-key.ts";
import { AcmeClient } from "./acme/acme-client.ts";
import { AcmeError } from "./acme/acme-error.ts";
import type { AcmeSettings } from "./acme-settings.ts";

export interface AcmeAccount {
  client: AcmeClient;
  directoryUrl: string;
  /** By which hosts answer HTTP-01 challenges. */
  thumbprint: string;
}

/**
 * Our account at the CA, opened there when there is none yet. Its key rests sealed with the master key. Throws AcmeError
 * `not-ready` when the operator has something to set first, and what the CA says when it refuses.
 */
export async function openAccount(
  ctx: SystemContext,
  { settings, masterKey }: { settings: AcmeSettings; masterKey: Buffer | null },
): Promise<AcmeAccount> {
  const { directoryUrl, contact } = settings;
  requireSettings(settings, masterKey);
  const [known] = await withSystemTransaction(ctx, (tx) =>
    tx.select().from(acmeAccounts).where(eq(acmeAccounts.directoryUrl, directoryUrl)),
  );
  const options = { directoryUrl, trusted: settings.trusted, now: () => ctx.now() };
  if (known !== undefined) {
    const key = readAccountKey(openAtRest(masterKey, purposeOf(directoryUrl), known.keyBox));
    return {
      client: new AcmeClient(options, { key, url: known.url }),
      directoryUrl,
      thumbprint: known.thumbprint,
    };
  }
  const pem = makeAccountKey();
  const key = readAccountKey(pem);
  const client = new AcmeClient(options, { key, url: null });
  const url = await client.openAccount({ contact });
  const kept = await withSystemTransaction(ctx, (tx) =>
    tx
      .insert(acmeAccounts)
      .values({
        id: newId(ctx.now()),
        directoryUrl,
        url,
        keyBox: sealAtRest(masterKey, purposeOf(directoryUrl), pem),
        thumbprint: key.thumbprint,
        contact,
        createdAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: acmeAccounts.id }),
  );
  // Another worker was faster, and hosts are told its thumbprint.
  if (kept.length === 0) return openAccount(ctx, { settings, masterKey });
  return { client, directoryUrl, thumbprint: key.thumbprint };
}

/** Forgets an account that its CA does not know any more; the next run opens another. */
export async function forgetAccount(ctx: SystemContext, directoryUrl: string): Promise<void> {
  await withSystemTransaction(ctx, (tx) =>
    tx.delete(acmeAccounts).where(eq(acmeAccounts.directoryUrl, directoryUrl)),
  );
}

function requireSettings(settings: AcmeSettings, masterKey: Buffer | null): asserts masterKey is Buffer {
  const missing = !settings.areTermsAgreed
    ? `The operator of this installation has not agreed yet to the terms of the certificate authority (${settings.directoryUrl}). Read them, set ACME_TERMS_AGREED=yes for the worker and start it again`
    : masterKey === null
      ? "No master key is set for the worker, so the key of the account at the certificate authority cannot be kept. Set MAILSTEAD_MASTER_KEY and start it again"
      : null;
  if (missing !== null) throw new AcmeError({ kind: "not-ready", detail: missing, isPermanent: true });
}

function purposeOf(directoryUrl: string): string {
  return `acme-account\n${directoryUrl}`;
}
