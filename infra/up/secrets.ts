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
  readonly gatewayPassword: string;
}

export interface SigningKeyFiles {
  /** Ed25519, PKCS #8 PEM. For the worker and the release build only. */
  readonly privateKeyFile: string;
  /** SPKI PEM. */
  readonly publicKeyFile: string;
}

/**
 * Reads the secrets of this installation, made on first use and readable by their owner only. Losing them loses what
 * they seal; database passwords seal nothing, so one that an older version did not know is made here.
 */
export function provideSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  const known = existsSync(path) ? parseSecrets(path) : makeSecrets();
  const secrets: Secrets = { ...known, gatewayPassword: known.gatewayPassword ?? makePassword() };
  if (!existsSync(path) || known.gatewayPassword === undefined)
    writePrivately(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/**
 * The key pair whose fingerprint every enrolment token carries, made on first use. Throws StartError when it is damaged:
 * a new one would command none of the hosts that are enrolled.
 */
export function provideSigningKey(dataDir: string): SigningKeyFiles {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const privateKeyFile = join(dataDir, "signing-key.pem");
  const publicKeyFile = join(dataDir, "signing-key.pub.pem");
  if (!existsSync(privateKeyFile)) {
    const { privateKey } = generateKeyPairSync("ed25519");
    writePrivately(privateKeyFile, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  }
  writePrivately(publicKeyFile, publicHalfOf(privateKeyFile));
  return { privateKeyFile, publicKeyFile };
}

function publicHalfOf(privateKeyFile: string): string {
  const pem = readFileSync(privateKeyFile, "utf8");
  try {
    const publicKey = createPublicKey(createPrivateKey(pem));
    return publicKey.export({ type: "spki", format: "pem" }).toString();
  } catch (cause) {
    throw new StartError(
      `${privateKeyFile} is damaged; restore it from a backup, since enrolled hosts obey no other key.`,
      { cause },
    );
  }
}

function writePrivately(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  chmodSync(`${path}.new`, 0o600);
  renameSync(`${path}.new`, path);
}

function makeSecrets(): Secrets {
  return {
    masterKey: randomBytes(32).toString("base64"),
    authSecret: randomBytes(32).toString("base64url"),
    appPassword: makePassword(),
    systemPassword: makePassword(),
    gatewayPassword: makePassword(),
  };
}

function makePassword(): string {
  return randomBytes(24).toString("base64url");
}

type StoredSecrets = Omit<Secrets, "gatewayPassword"> & Partial<Pick<Secrets, "gatewayPassword">>;

function parseSecrets(path: string): StoredSecrets {
  const secrets = readStored(path);
  const { masterKey, authSecret, appPassword, systemPassword, gatewayPassword } = secrets;
  const isComplete =
    [masterKey, authSecret, appPassword, systemPassword].every(isSecret) &&
    (gatewayPassword === undefined || isSecret(gatewayPassword));
  if (!isComplete)
    throw new StartError(
      `${path} is damaged; restore it from a backup, since nothing else opens what it sealed.`,
    );
  return secrets as StoredSecrets;
}

function isSecret(value: unknown): boolean {
  return typeof value === "string" && value.length >= 20;
}

function readStored(path: string): Partial<Secrets> {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Partial<Secrets>;
  } catch {
    return {};
  }
}
