import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { link, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { DkimAlgorithm } from "@mailstead/core/servers";
import { privateKeyOf } from "../link/keys.ts";
import { pathExists, syncFolder, temporaryName, writeFileAtomically } from "../platform/files.ts";
import { type Executor, nothingToUndo } from "./executor.ts";

/** Makes a DKIM key on the host. A key that is there is never overwritten: the world may have its public half. */
export const makeDkimKey: Executor<"make-dkim-key"> = {
  prepare: async () => nothingToUndo,
  async apply(step, { host }) {
    const path = host.path(step.path);
    if (await pathExists(path)) return { outcome: "unchanged" };
    await mkdir(dirname(path), { recursive: true });
    const aside = temporaryName(path);
    try {
      await writeFileAtomically(aside, await makePrivateKey(step.algorithm), {
        mode: 0o640,
        prepare: (temporaryPath) => host.setOwner(temporaryPath, { owner: "root", group: "_rspamd" }),
      });
      // link(2) refuses a name that is taken, which rename(2) does not.
      await link(aside, path);
    } finally {
      await rm(aside, { force: true });
    }
    await syncFolder(dirname(path));
    return { outcome: "changed" };
  },
};

async function makePrivateKey(algorithm: DkimAlgorithm): Promise<string> {
  if (algorithm === "rsa-2048") {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  }
  const { publicKey, privateKey } = await promisify(generateKeyPair)("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-32);
  const point = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  // Rspamd reads Ed25519 keys as libsodium keeps them: seed and public key in one, base64.
  return `${Buffer.concat([seed, point]).toString("base64")}\n`;
}

/** The p= value (RFC 6376 §3.6.1, RFC 8463 §4) of a private key file as `makeDkimKey` writes it. */
export function publicKeyOfDkim(algorithm: DkimAlgorithm, privateKeyText: string): string {
  if (algorithm === "ed25519")
    return Buffer.from(privateKeyText, "base64").subarray(32, 64).toString("base64");
  return createPublicKey(privateKeyText).export({ format: "der", type: "spki" }).toString("base64");
}

/** The key in a private key file as `makeDkimKey` writes it. Throws when the file holds no such key. */
export function privateKeyOfDkim(algorithm: DkimAlgorithm, privateKeyText: string): KeyObject {
  if (algorithm === "rsa-2048") return createPrivateKey(privateKeyText);
  const seed = Buffer.from(privateKeyText, "base64").subarray(0, 32);
  return privateKeyOf("ed25519", seed.toString("base64"));
}
