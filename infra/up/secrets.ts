import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "./start-error.ts";

export interface Secrets {
  /** Seals secrets at rest: 32 bytes, base64. */
  readonly masterKey: string;
  readonly authSecret: string;
  readonly appPassword: string;
  readonly systemPassword: string;
}

export interface SigningKeyFiles {
  /** Ed25519, PKCS #8 PEM. For the worker and the release build only. */
  readonly privateKeyFile: string;
  /** SPKI PEM. */
  readonly publicKeyFile: string;
}

/** Reads the secrets of this installation, made on first use and readable by their owner only. Losing them loses what they seal. */
export function provideSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  if (!existsSync(path)) {
    const made: Secrets = {
      masterKey: randomBytes(32).toString("base64"),
      authSecret: randomBytes(32).toString("base64url"),
      appPassword: randomBytes(24).toString("base64url"),
      systemPassword: randomBytes(24).toString("base64url"),
    };
    writePrivately(path, `${JSON.stringify(made, null, 2)}\n`);
  }
  const secrets = parseSecrets(readFileSync(path, "utf8"));
  if (!secrets)
    throw new StartError(
      `${path} is damaged; restore it from a backup, since nothing else opens what it sealed.`,
    );
  return secrets;
}

/** The key pair whose fingerprint every enrolment token carries, made on first use. */
export function provideSigningKey(dataDir: string): SigningKeyFiles {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const privateKeyFile = join(dataDir, "signing-key.pem");
  const publicKeyFile = join(dataDir, "signing-key.pub.pem");
  if (!existsSync(privateKeyFile)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    writePrivately(privateKeyFile, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  }
  const publicKey = createPublicKey(createPrivateKey(readFileSync(privateKeyFile, "utf8")));
  writePrivately(publicKeyFile, publicKey.export({ type: "spki", format: "pem" }).toString());
  return { privateKeyFile, publicKeyFile };
}

function writePrivately(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

function parseSecrets(text: string): Secrets | null {
  try {
    const { masterKey, authSecret, appPassword, systemPassword } = JSON.parse(text) as Partial<Secrets>;
    const isComplete = [masterKey, authSecret, appPassword, systemPassword].every(
      (value) => typeof value === "string" && value.length >= 20,
    );
    return isComplete ? ({ masterKey, authSecret, appPassword, systemPassword } as Secrets) : null;
  } catch {
    return null;
  }
}
