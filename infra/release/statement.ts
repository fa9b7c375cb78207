import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/** A file below the folder of releases. */
export interface ReleaseFile {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What the release key says about one executable; its first line keeps the signature from meaning anything else. */
export interface ReleaseStatement {
  readonly version: string;
  /** Number of the manifest that offered the version; nothing older is taken by the host afterwards. */
  readonly number: number;
  readonly platform: Platform;
  /** The executable, compressed by gzip for the way to the host. */
  readonly archive: ReleaseFile;
  /** The script that replaces the agent by newer ones. */
  readonly updater: ReleaseFile;
}

export const platforms = ["linux-x64", "linux-arm64"] as const;
export type Platform = (typeof platforms)[number];

/** The exact text that is signed, read line by line by infra/install/install.sh. */
export function statementText(statement: ReleaseStatement): string {
  const { version, number, platform, archive, updater } = statement;
  return [
    "mailstead-agent-release",
    `version ${version}`,
    `number ${number}`,
    `platform ${platform}`,
    `file ${archive.file}`,
    `sha256 ${archive.sha256}`,
    `size ${archive.sizeBytes}`,
    `updater-file ${updater.file}`,
    `updater-sha256 ${updater.sha256}`,
    `updater-size ${updater.sizeBytes}`,
    "",
  ].join("\n");
}

/** The statement followed by its Ed25519 signature as a last line. */
export function signedStatement(statement: ReleaseStatement, key: KeyObject): string {
  const text = statementText(statement);
  return `${text}signature ${sign(null, Buffer.from(text), key).toString("base64")}\n`;
}

/** The key of enrolment tokens, secret where the file holds the secret half. */
export function readSigningKey(path: string): { key: KeyObject; publicPem: string } {
  const pem = readFileSync(path, "utf8");
  const publicKey = createPublicKey(pem);
  return {
    key: pem.includes("PRIVATE KEY") ? createPrivateKey(pem) : publicKey,
    publicPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}
