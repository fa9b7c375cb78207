import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { link, mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { JobFailure } from "../jobs/job-failure.ts";
import { pathExists, syncFolder, temporaryName, writeFileAtomically } from "../platform/files.ts";
import { lastWords } from "../platform/run-command.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/**
 * Makes a TLS key on the host and the request that a CA is asked by. A key that is there is never overwritten: a
 * certificate or a TLSA record may speak of it. Throws JobFailure when openssl cannot write the request.
 */
export const makeTlsKey: Executor<"make-tls-key"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    const [keyPath, requestPath] = [host.path(step.keyPath), host.path(step.requestPath)];
    await mkdir(dirname(keyPath), { recursive: true });
    if (!(await pathExists(keyPath))) await writeKey(keyPath);
    const aside = temporaryName(requestPath);
    try {
      const result = await host.run([
        "openssl",
        "req",
        "-new",
        "-sha256",
        "-key",
        keyPath,
        "-subj",
        "/",
        "-addext",
        `subjectAltName=${step.names.map((name) => `DNS:${name}`).join(",")}`,
        "-outform",
        "DER",
        "-out",
        aside,
      ]);
      if (result.exitCode !== 0)
        throw new JobFailure(
          `openssl could not make a certificate request for ${step.names.join(", ")}: ${lastWords(result)}`,
          { retry: "temporary" },
        );
      await host.sync(aside);
      // The request goes last: one that is there stands for a key that is whole.
      await rename(aside, requestPath);
      await host.sync(dirname(requestPath));
    } finally {
      await rm(aside, { force: true });
    }
    return { outcome: "changed" };
  },
};

async function writeKey(path: string): Promise<void> {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const aside = temporaryName(path);
  try {
    await writeFileAtomically(aside, privateKey.export({ format: "pem", type: "pkcs8" }).toString(), {
      mode: 0o600,
    });
    // link(2) refuses a name that is taken, which rename(2) does not.
    await link(aside, path);
  } finally {
    await rm(aside, { force: true });
  }
  await syncFolder(dirname(path));
}

/** SHA-256, hex, of the public half of a private key: what a TLSA record "3 1 1" holds (RFC 6698 §2.1). */
export function spkiSha256Of(privateKey: string | KeyObject): string {
  const key = createPublicKey(privateKey as string).export({ format: "der", type: "spki" });
  return createHash("sha256").update(key).digest("hex");
}
