import { createHash, type KeyObject, sign } from "node:crypto";
import type { DkimAlgorithm } from "@mailstead/core/servers";
import type { PlainMessage } from "./test-message.ts";

export interface SigningKey {
  domain: string;
  selector: string;
  algorithm: DkimAlgorithm;
  privateKey: KeyObject;
}

const tagOfAlgorithm = { "rsa-2048": "rsa-sha256", ed25519: "ed25519-sha256" } as const;

/**
 * Puts a DKIM signature over all header fields and the whole body on top of a message that is in relaxed form already
 * (RFC 6376 §3.5 and §3.7, RFC 8463 §3).
 */
export function signMessage(message: PlainMessage, key: SigningKey, now: Date): PlainMessage {
  const tags = [
    "v=1",
    `a=${tagOfAlgorithm[key.algorithm]}`,
    "c=relaxed/relaxed",
    `d=${key.domain}`,
    `s=${key.selector}`,
    `t=${Math.floor(now.getTime() / 1000)}`,
    `h=${message.headers.map(([name]) => name.toLowerCase()).join(":")}`,
    `bh=${createHash("sha256").update(message.body).digest("base64")}`,
    "b=",
  ].join("; ");
  const signed = [
    ...message.headers.map(([name, value]) => `${name.toLowerCase()}:${value}\r\n`),
    `dkim-signature:${tags}`,
  ].join("");
  return {
    ...message,
    headers: [["DKIM-Signature", tags + signatureOf(signed, key)], ...message.headers],
  };
}

function signatureOf(text: string, { algorithm, privateKey }: SigningKey): string {
  if (algorithm === "rsa-2048") return sign("sha256", Buffer.from(text), privateKey).toString("base64");
  // RFC 8463 §3: Ed25519 signs the hash and not the text.
  return sign(null, createHash("sha256").update(text).digest(), privateKey).toString("base64");
}
