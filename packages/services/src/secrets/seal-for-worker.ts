import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { type Transaction, workerSealingKeys } from "@mailstead/db";
import { sql } from "drizzle-orm";
import { ServiceError, type SystemContext, withSystemTransaction } from "../context/index.ts";

/** Opens what was sealed for the worker; only a process that holds the signing key can make one. */
export interface SecretOpener {
  /** Raw X25519 key, base64. */
  readonly publicKey: string;
  /** Throws when the box was sealed for another key or another purpose, or was altered. */
  open(purpose: string, box: string): string;
}

const publicKeyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
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
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  return {
    publicKey: publicKey.toString("base64"),
    open(purpose, box) {
      const bytes = Buffer.from(box, "base64");
      const ephemeral = bytes.subarray(0, publicKeyBytes);
      const shared = diffieHellman({ privateKey, publicKey: publicKeyOf(ephemeral) });
      const key = boxKey({ shared, ephemeral, recipient: publicKey, purpose });
      const nonce = bytes.subarray(publicKeyBytes, publicKeyBytes + nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", key, nonce);
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const sealed = bytes.subarray(publicKeyBytes + nonceBytes, -tagBytes);
      return decipher.update(sealed, undefined, "utf8") + decipher.final("utf8");
    },
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
  const recipient = Buffer.from(newest, "base64");
  const pair = generateKeyPairSync("x25519");
  const ephemeral = rawPublicKey(pair.publicKey);
  const shared = diffieHellman({ privateKey: pair.privateKey, publicKey: publicKeyOf(recipient) });
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", boxKey({ shared, ephemeral, recipient, purpose }), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return Buffer.concat([ephemeral, nonce, sealed]).toString("base64");
}

function boxKey(input: { shared: Buffer; ephemeral: Buffer; recipient: Buffer; purpose: string }): Buffer {
  const { shared, ephemeral, recipient, purpose } = input;
  const salt = Buffer.concat([ephemeral, recipient]);
  return Buffer.from(hkdfSync("sha256", shared, salt, `mailstead-sealed-for-worker\n${purpose}`, 32));
}

function publicKeyOf(raw: Buffer): KeyObject {
  return createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: raw.toString("base64url") },
    format: "jwk",
  });
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}
