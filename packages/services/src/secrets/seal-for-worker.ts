import { createPrivateKey, createPublicKey, hkdfSync } from "node:crypto";
import { type Transaction, workerSealingKeys } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { ServiceError, type SystemContext, withSystemTransaction } from "../context/index.ts";
import { openBox, rawPublicKey, sealBox } from "./x25519-box.ts";

/** Seals and opens what is for the worker; only a process that holds the signing key can make one. */
export interface SecretOpener {
  /** Raw X25519 key, base64. */
  readonly publicKey: string;
  /** Throws when the box was sealed for another key or another purpose, or was altered. */
  open(purpose: string, box: string): string;
  seal(purpose: string, text: string): string;
}

// RFC 8410 §7: the DER of an X25519 private key is this followed by its 32 raw bytes.
const privateKeyPrefix = Buffer.from("302e020100300506032b656e04220420", "hex");

/**
 * Makes the worker's opener from the PKCS #8 PEM of its signing key, which neither web nor gateway has. A key of its
 * own is derived, so that nothing that was signed says anything of what was sealed. Throws when it is no Ed25519 key.
 */
export function makeSecretOpener(signingKeyPem: string): SecretOpener {
  const signingKey = createPrivateKey(signingKeyPem);
  if (signingKey.asymmetricKeyType !== "ed25519")
    throw new Error(`The signing key must be an Ed25519 key, not ${signingKey.asymmetricKeyType}.`);
  const seed = Buffer.from(signingKey.export({ format: "jwk" }).d ?? "", "base64url");
  const raw = Buffer.from(hkdfSync("sha256", seed, "", "mailstead-worker-sealing-key", 32));
  const privateKey = createPrivateKey({
    key: Buffer.concat([privateKeyPrefix, raw]),
    format: "der",
    type: "pkcs8",
  });
  const recipient = rawPublicKey(createPublicKey(privateKey));
  return {
    publicKey: recipient.toString("base64"),
    open: (purpose, box) => openBox(box, { privateKey, info: infoOf(purpose) }),
    seal: (purpose, text) => sealBox(text, { recipient, info: infoOf(purpose) }),
  };
}

/** Has every process seal for this worker from now on. */
export async function storeSealingKey(ctx: SystemContext, opener: SecretOpener): Promise<void> {
  const storedAt = ctx.now();
  await withSystemTransaction(ctx, (tx) =>
    tx
      .insert(workerSealingKeys)
      .values({ publicKey: opener.publicKey, storedAt })
      .onConflictDoUpdate({ target: workerSealingKeys.publicKey, set: { storedAt } }),
  );
}

/**
 * Seals a text so that only the worker opens it, and only for the same purpose. Throws `precondition-failed` before a
 * worker has ever started.
 */
export async function sealForWorker(
  tx: Transaction,
  { purpose, text }: { purpose: string; text: string },
): Promise<string> {
  const { rows } = await tx.execute<{ key: string | null }>(sql`select current_sealing_key() as key`);
  const newest = rows[0]?.key ?? null;
  if (newest === null)
    throw new ServiceError(
      "precondition-failed",
      "No worker has started yet, so there is nobody to seal a secret for. Start the worker and try again.",
    );
  return sealBox(text, { recipient: Buffer.from(newest, "base64"), info: infoOf(purpose) });
}

function infoOf(purpose: string): string {
  return `mailstead-sealed-for-worker\n${purpose}`;
}
