import { acmeProblemCode } from "@mailstead/core/certificates";
import { acmeAccounts, newId } from "@mailstead/db";
import { and, eq } from "drizzle-orm";
import { type SystemContext, withSystemTransaction } from "../context/index.ts";
import type { SecretOpener } from "../secrets/index.ts";
import { type AccountKey, makeAccountKey, readAccountKey } from "./acme/account-key.ts";
import { AcmeClient } from "./acme/acme-client.ts";
import { AcmeError } from "./acme/acme-error.ts";
import type { AcmeSettings } from "./acme-settings.ts";

export interface AcmeAccount {
  client: AcmeClient;
  directoryUrl: string;
  /** By which hosts answer HTTP-01 challenges. */
  thumbprint: string;
}

export interface WantedAccount {
  organisationId: string;
  settings: AcmeSettings;
  opener: SecretOpener;
}

/**
 * The organisation's account at the CA, opened there when there is none yet, none whose key this worker can open, or one
 * that is bound to another external account. Its key rests sealed for the worker alone. Throws AcmeError `not-ready` when
 * a person has something to set first, and what the CA says when it refuses.
 */
export async function openAccount(ctx: SystemContext, wanted: WantedAccount): Promise<AcmeAccount> {
  const { organisationId, settings, opener } = wanted;
  const { directoryUrl } = settings;
  requireTerms(settings);
  const known = await readAccount(ctx, { organisationId, directoryUrl });
  if (known === undefined) return await openNew(ctx, wanted);
  const key = openIfOurs(opener, known);
  // Sealed for another signing key than the one that this worker has now, or bound to another account at the CA.
  if (key === null || known.eabKeyId !== settings.eabKeyId) {
    await forgetAccount(ctx, { organisationId, directoryUrl });
    return await openNew(ctx, wanted);
  }
  const client = new AcmeClient(optionsOf(ctx, settings), { key, url: known.url });
  const { contact } = settings;
  const rootCertificates = rootOf(settings);
  if (known.contact !== contact) await client.changeContact(contact);
  if (known.contact !== contact || known.rootCertificates !== rootCertificates)
    await withSystemTransaction(ctx, (tx) =>
      tx.update(acmeAccounts).set({ contact, rootCertificates }).where(eq(acmeAccounts.id, known.id)),
    );
  return { client, directoryUrl, thumbprint: known.thumbprint };
}

/**
 * The account that an organisation has at a CA whether or not that is still the chosen one; null when there is none or
 * this worker cannot open its key.
 */
export async function findAccount(
  ctx: SystemContext,
  at: { organisationId: string; directoryUrl: string; opener: SecretOpener },
): Promise<AcmeAccount | null> {
  const known = await readAccount(ctx, at);
  const key = known === undefined ? null : openIfOurs(at.opener, known);
  if (known === undefined || key === null) return null;
  const { directoryUrl, url, thumbprint, rootCertificates } = known;
  const trusted = rootCertificates === null ? [] : [rootCertificates];
  const client = new AcmeClient(optionsOf(ctx, { directoryUrl, trusted }), { key, url });
  return { client, directoryUrl, thumbprint };
}

/** Forgets an account that its CA does not know any more; the next run opens another. */
export async function forgetAccount(
  ctx: SystemContext,
  { organisationId, directoryUrl }: { organisationId: string; directoryUrl: string },
): Promise<void> {
  await withSystemTransaction(ctx, (tx) =>
    tx
      .delete(acmeAccounts)
      .where(
        and(eq(acmeAccounts.organisationId, organisationId), eq(acmeAccounts.directoryUrl, directoryUrl)),
      ),
  );
}

async function openNew(ctx: SystemContext, wanted: WantedAccount): Promise<AcmeAccount> {
  const { organisationId, settings, opener } = wanted;
  const { directoryUrl, contact, eabKeyId } = settings;
  const pem = makeAccountKey();
  const key = readAccountKey(pem);
  const client = new AcmeClient(optionsOf(ctx, settings), { key, url: null });
  const url = await openAtCa(client, settings);
  const kept = await withSystemTransaction(ctx, (tx) =>
    tx
      .insert(acmeAccounts)
      .values({
        id: newId(ctx.now()),
        organisationId,
        directoryUrl,
        url,
        keyBox: opener.seal(purposeOf(directoryUrl), pem),
        thumbprint: key.thumbprint,
        contact,
        eabKeyId,
        rootCertificates: rootOf(settings),
        createdAt: ctx.now(),
      })
      .onConflictDoNothing()
      .returning({ id: acmeAccounts.id }),
  );
  // Another worker was faster, and hosts are told its thumbprint.
  if (kept.length === 0) return await openAccount(ctx, wanted);
  return { client, directoryUrl, thumbprint: key.thumbprint };
}

/** Codes by which a CA says that it does not know the external account, or that its key is another. */
const bindingCodes = ["unauthorized", "malformed"];

async function openAtCa(client: AcmeClient, settings: AcmeSettings): Promise<string> {
  const externalAccount = settings.openExternalAccount();
  try {
    return await client.openAccount({ contact: settings.contact, externalAccount });
  } catch (error) {
    if (externalAccount === null || !(error instanceof AcmeError)) throw error;
    const { failure } = error;
    if (failure.kind !== "ca-problem" || !bindingCodes.includes(acmeProblemCode(failure.type))) throw error;
    throw new AcmeError(
      {
        kind: "not-ready",
        detail: `The certificate authority does not accept the external account binding ${externalAccount.keyId}; enter its key id and key again under Settings, Certificate authority. It says: ${failure.detail}`,
        isPermanent: true,
      },
      { cause: error },
    );
  }
}

async function readAccount(
  ctx: SystemContext,
  { organisationId, directoryUrl }: { organisationId: string; directoryUrl: string },
) {
  const [known] = await withSystemTransaction(ctx, (tx) =>
    tx
      .select()
      .from(acmeAccounts)
      .where(
        and(eq(acmeAccounts.organisationId, organisationId), eq(acmeAccounts.directoryUrl, directoryUrl)),
      ),
  );
  return known;
}

function rootOf({ trusted }: AcmeSettings): string | null {
  return trusted.length === 0 ? null : trusted.join("\n");
}

function optionsOf(
  ctx: SystemContext,
  { directoryUrl, trusted }: { directoryUrl: string; trusted: readonly string[] },
) {
  return { directoryUrl, trusted, now: () => ctx.now() };
}

function openIfOurs(
  opener: SecretOpener,
  { directoryUrl, keyBox }: { directoryUrl: string; keyBox: string },
): AccountKey | null {
  try {
    return readAccountKey(opener.open(purposeOf(directoryUrl), keyBox));
  } catch {
    return null;
  }
}

function requireTerms({ areTermsAgreed, directoryUrl }: AcmeSettings): void {
  if (areTermsAgreed) return;
  throw new AcmeError({
    kind: "not-ready",
    detail: `The terms of the certificate authority (${directoryUrl}) are not accepted yet. The owner of the organisation accepts them once under Settings, Certificate authority`,
    isPermanent: true,
  });
}

function purposeOf(directoryUrl: string): string {
  return `acme-account\n${directoryUrl}`;
}
