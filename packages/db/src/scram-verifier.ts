import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

// RFC 7677 §4 asks for at least 4096; Postgres itself uses this number.
const iterations = 4096;

/** The form in which Postgres stores a password (RFC 5803), so that the clear text enters no statement and no log. */
export function makeScramVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest();
  const serverKey = hmac(salted, "Server Key");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey.toString("base64")}:${serverKey.toString("base64")}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
