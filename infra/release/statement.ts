import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/** A file below the folder of releases. */
export interface ReleaseFile {
  readonly file: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** What the control plane says about one executable; its first line keeps the signature from meaning anything else. */
export interface ReleaseStatement {
  readonly version: string;
  readonly platform: Platform;
  /** The executable, compressed by gzip for the way to the host. */
  readonly archive: ReleaseFile;
}

export const platforms = ["linux-x64", "linux-arm64"] as const;
export type Platform = (typeof platforms)[number];

/** The exact text that is signed, read line by line by infra/install/install.sh. */
export function statementText({ version, platform, archive }: ReleaseStatement): string {
  return [
    "mailstead-agent-release",
    `version ${version}`,
    `platform ${platform}`,
    `file ${archive.file}`,
    `sha256 ${archive.sha256}`,
    `size ${archive.sizeBytes}`,
    "",
  ].join("\n");
}

/** The statement followed by its Ed25519 signature as a last line. */
export function signedStatement(statement: ReleaseStatement, key: KeyObject): string {
  const text = statementText(statement);
  return `${text}signature ${sign(null, Buffer.from(text), key).toString("base64")}\n`;
}

export function readSigningKey(path: string): { privateKey: KeyObject; publicPem: string } {
  const privateKey = createPrivateKey(readFileSync(path, "utf8"));
  return {
    privateKey,
    publicPem: createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
  };
}
