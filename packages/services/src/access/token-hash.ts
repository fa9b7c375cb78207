import { createHash, randomBytes } from "node:crypto";

/** 128 random bits, base64url: a secret that is shown once and stored only as its hash. */
export function makeToken(): string {
  return randomBytes(16).toString("base64url");
}

/** What is stored of a token. It needs no salt, because the token itself is random. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
