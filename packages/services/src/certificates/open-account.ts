import { acmeAccounts, newId } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
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
 * Our account at the CA, opened there when there is none yet, or none whose key this worker can open: it rests sealed for
 * the worker alone. Throws AcmeError `not-ready` when the operator has something to set first, and what the CA says when
 * it refuses.
 */
export async function openAccount(
  ctx: SystemContext,
  { settings, opener }: { settings: AcmeSettings; opener: SecretOpener },
): Promise<AcmeAccount> {
  const { directoryUrl, contact } = settings;
  requireSettings(settings);
  const [known] = await withSystemTransaction(ctx, (tx) =>
    tx.select().from(acmeAccounts).where(eq(acmeAccounts.directoryUrl, directoryUrl)),
  );
  const options = { directoryUrl, trusted: settings.trusted, now: () => ctx.now() };
  if (known !== undefined) {
    const pem = openIfOurs(opener, known);
    // Sealed for another signing key than the one that this worker has now.
    if (pem === null) {
      await forgetAccount(ctx, directoryUrl);
      return openAccount(ctx, { settings, opener });
    }
    const { url, thumbprint } = known;
    return { client: new AcmeClient(options, { key: readAccountKey(pem), url }), directoryUrl, thumbprint };
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
        keyBox: opener.seal(purposeOf(directoryUrl), pem),
        thumbprint: key.thumbprint,
        contact,
        createdAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: acmeAccounts.id }),
  );
  // Another worker was faster, and hosts are told its thumbprint.
  if (kept.length === 0) return openAccount(ctx, { settings, opener });
  return { client, directoryUrl, thumbprint: key.thumbprint };
}

/** Forgets an account that its CA does not know any more; the next run opens another. */
export async function forgetAccount(ctx: SystemContext, directoryUrl: string): Promise<void> {
  await withSystemTransaction(ctx, (tx) =>
    tx.delete(acmeAccounts).where(eq(acmeAccounts.directoryUrl, directoryUrl)),
  );
}

function openIfOurs(
  opener: SecretOpener,
  { directoryUrl, keyBox }: { directoryUrl: string; keyBox: string },
): string | null {
  try {
    return opener.open(purposeOf(directoryUrl), keyBox);
  } catch {
    return null;
  }
}

function requireSettings({ areTermsAgreed, directoryUrl }: AcmeSettings): void {
  if (areTermsAgreed) return;
  throw new AcmeError({
    kind: "not-ready",
    detail: `The operator of this installation has not agreed yet to the terms of the certificate authority (${directoryUrl}). Read them, set ACME_TERMS_AGREED=yes for the worker and start it again`,
    isPermanent: true,
  });
}

function purposeOf(directoryUrl: string): string {
  return `acme-account\n${directoryUrl}`;
}
