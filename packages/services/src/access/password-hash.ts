import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify(argon2);

// OWASP's second choice of parameters; parallelism 1 is the only one that libsodium, and so Dovecot, can verify.
const memoryKib = 19_456;
const passes = 2;
const parallelism = 1;
const saltLengthBytes = 16;
const tagLengthBytes = 32;

/** An Argon2id hash in PHC string form, which Dovecot takes as `{ARGON2ID}` + this. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltLengthBytes);
  const tag = await tagOf(password, { salt, memoryKib, passes, tagLengthBytes });
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** True when the password made this hash; false also for a hash in another form. Compares in constant time. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash);
  if (match === null) return false;
  const expected = Buffer.from(match[4] ?? "", "base64");
  const tag = await tagOf(password, {
    salt: Buffer.from(match[3] ?? "", "base64"),
    memoryKib: Number(match[1]),
    passes: Number(match[2]),
    tagLengthBytes: expected.length,
  });
  return timingSafeEqual(tag, expected);
}

interface HashSettings {
  salt: Buffer;
  memoryKib: number;
  passes: number;
  tagLengthBytes: number;
}

function tagOf(password: string, settings: HashSettings): Promise<Buffer> {
  return derive("argon2id", {
    message: password,
    nonce: settings.salt,
    parallelism,
    tagLength: settings.tagLengthBytes,
    memory: settings.memoryKib,
    passes: settings.passes,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
