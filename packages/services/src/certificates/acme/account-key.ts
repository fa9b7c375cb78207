import {
  createHash,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";

/** The key of an account at a CA: ECDSA P-256, which every CA takes (RFC 8555 §6.2, RFC 7518 §3.4). */
export interface AccountKey {
  readonly privateKey: KeyObject;
  /** Its public half as the CA sees it, members in the order of RFC 7638. */
  readonly jwk: { crv: string; kty: string; x: string; y: string };
  /** RFC 7638: what a key authorization is made of (RFC 8555 §8.1). */
  readonly thumbprint: string;
}

/** Makes a new account key, as PEM for safe keeping. */
export function makeAccountKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** Reads what makeAccountKey made. */
export function readAccountKey(pem: string): AccountKey {
  const privateKey = createPrivateKey(pem);
  const { crv = "", kty = "", x = "", y = "" } = privateKey.export({ format: "jwk" });
  const jwk = { crv, kty, x, y };
  return { privateKey, jwk, thumbprint: sha256(JSON.stringify(jwk)) };
}

/** The TXT value of a DNS-01 challenge (RFC 8555 §8.4). */
export function dnsChallengeValue(key: AccountKey, token: string): string {
  return sha256(`${token}.${key.thumbprint}`);
}

/** A signed request body (RFC 8555 §6.2). `payload` null makes a POST-as-GET (§6.3). */
export function signRequest(
  key: AccountKey,
  {
    url,
    nonce,
    accountUrl,
    payload,
  }: { url: string; nonce: string; accountUrl: string | null; payload: unknown },
): string {
  const who = accountUrl === null ? { jwk: key.jwk } : { kid: accountUrl };
  const head = encode(JSON.stringify({ alg: "ES256", ...who, nonce, url }));
  const body = payload === null ? "" : encode(JSON.stringify(payload));
  const signature = sign("sha256", Buffer.from(`${head}.${body}`), {
    key: key.privateKey,
    dsaEncoding: "ieee-p1363",
  });
  return JSON.stringify({ protected: head, payload: body, signature: signature.toString("base64url") });
}

/** An account that a CA already keeps for us under a name, with the secret that proves it is ours. */
export interface ExternalAccount {
  keyId: string;
  /** HMAC key, base64url. */
  key: string;
}

/** Ties an account key to an account that the CA knows (RFC 8555 §7.3.4). */
export function signBinding(
  key: AccountKey,
  { url, externalAccount }: { url: string; externalAccount: ExternalAccount },
): { protected: string; payload: string; signature: string } {
  const head = encode(JSON.stringify({ alg: "HS256", kid: externalAccount.keyId, url }));
  const payload = encode(JSON.stringify(key.jwk));
  const signature = createHmac("sha256", Buffer.from(externalAccount.key, "base64url"))
    .update(`${head}.${payload}`)
    .digest("base64url");
  return { protected: head, payload, signature };
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
