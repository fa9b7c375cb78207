import { generateKeyPairSync } from "node:crypto";
import { makeSecretOpener, type SecretOpener } from "../secrets/index.ts";

/** The opener of a worker with a signing key of its own. */
export function makeTestOpener(): SecretOpener {
  const { privateKey } = generateKeyPairSync("ed25519");
  return makeSecretOpener(privateKey.export({ format: "pem", type: "pkcs8" }).toString());
}
