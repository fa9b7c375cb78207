import { createHash, createPublicKey, type JsonWebKey, verify } from "node:crypto";

/** A DNSKEY as it travels (RFC 4034 §2.1); `key` are the octets after the algorithm. */
export interface PublicZoneKey {
  flags: number;
  algorithm: number;
  key: Buffer;
}

/** An RRSIG as it travels (RFC 4034 §3.1); times in seconds of the epoch. */
export interface SignatureRecord {
  typeCovered: string;
  algorithm: number;
  labels: number;
  originalTtl: number;
  expiration: number;
  inception: number;
  keyTag: number;
  signersName: string;
  signature: Buffer;
}

export interface SignedSet {
  name: string;
  /** The number of the type (RFC 1035 §3.2.2). */
  typeNumber: number;
  /** The data of each record, in canonical form. */
  data: readonly Buffer[];
}

// RFC 4034 §2.1.2.
const dnskeyProtocol = 3;
const classInternet = 1;

/** The octets of a DNSKEY record's data. */
export function dnskeyData({ flags, algorithm, key }: PublicZoneKey): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(flags);
  head.writeUInt8(dnskeyProtocol, 2);
  head.writeUInt8(algorithm, 3);
  return Buffer.concat([head, key]);
}

/** The number that DS and RRSIG records name a key by (RFC 4034 appendix B). */
export function keyTagOf(key: PublicZoneKey): number {
  let sum = 0;
  for (const [at, octet] of dnskeyData(key).entries()) sum += at % 2 === 0 ? octet << 8 : octet;
  return (sum + (sum >> 16)) & 0xffff;
}

const digestNames: Record<number, string> = { 1: "sha1", 2: "sha256", 4: "sha384" };

/** What a DS record of a key holds, in hexadecimal, by digest type (RFC 4034 §5.1.4, RFC 4509, RFC 6605). */
export function signerDigests(zone: string, key: PublicZoneKey): Record<number, string> {
  const covered = Buffer.concat([nameOctets(zone), dnskeyData(key)]);
  return Object.fromEntries(
    Object.entries(digestNames).map(([type, name]) => [type, createHash(name).update(covered).digest("hex")]),
  );
}

/** A name as it is signed: lower case, never shortened (RFC 4034 §6.2). */
export function nameOctets(name: string): Buffer {
  const labels = name
    .toLowerCase()
    .replace(/\.$/, "")
    .split(".")
    .filter((label) => label !== "");
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, "latin1")])),
    Buffer.from([0]),
  ]);
}

/** Whether a key made a signature over a set of records; null for an algorithm that we cannot compute. */
export function isGenuine(set: SignedSet, signature: SignatureRecord, key: PublicZoneKey): boolean | null {
  const algorithm = algorithms[key.algorithm];
  if (algorithm === undefined) return null;
  try {
    return verify(
      algorithm.hash,
      signedOctets(set, signature),
      { key: createPublicKey({ key: algorithm.keyOf(key.key), format: "jwk" }), dsaEncoding: "ieee-p1363" },
      signature.signature,
    );
  } catch {
    // Octets that are no key of their algorithm sign nothing.
    return false;
  }
}

/** What a signature is computed over (RFC 4034 §3.1.8.1). */
export function signedOctets({ name, typeNumber, data }: SignedSet, signature: SignatureRecord): Buffer {
  const head = Buffer.alloc(18);
  head.writeUInt16BE(typeNumber);
  head.writeUInt8(signature.algorithm, 2);
  head.writeUInt8(signature.labels, 3);
  head.writeUInt32BE(signature.originalTtl, 4);
  head.writeUInt32BE(signature.expiration, 8);
  head.writeUInt32BE(signature.inception, 12);
  head.writeUInt16BE(signature.keyTag, 16);
  const records = [...data].sort(Buffer.compare).map((one) => {
    const middle = Buffer.alloc(10);
    middle.writeUInt16BE(typeNumber);
    middle.writeUInt16BE(classInternet, 2);
    middle.writeUInt32BE(signature.originalTtl, 4);
    middle.writeUInt16BE(one.length, 8);
    return Buffer.concat([nameOctets(name), middle, one]);
  });
  return Buffer.concat([head, nameOctets(signature.signersName), ...records]);
}

interface Algorithm {
  hash: string | null;
  keyOf(octets: Buffer): JsonWebKey;
}

const algorithms: Record<number, Algorithm> = {
  5: { hash: "sha1", keyOf: rsaKey },
  7: { hash: "sha1", keyOf: rsaKey },
  8: { hash: "sha256", keyOf: rsaKey },
  10: { hash: "sha512", keyOf: rsaKey },
  13: { hash: "sha256", keyOf: curveKey("P-256") },
  14: { hash: "sha384", keyOf: curveKey("P-384") },
  15: { hash: null, keyOf: edwardsKey("Ed25519") },
  16: { hash: null, keyOf: edwardsKey("Ed448") },
};

/** RFC 3110 §2: the length of the exponent stands in one octet, or in two after a zero. */
function rsaKey(octets: Buffer): JsonWebKey {
  const isLong = octets[0] === 0;
  const length = isLong ? octets.readUInt16BE(1) : (octets[0] ?? 0);
  const at = isLong ? 3 : 1;
  return {
    kty: "RSA",
    e: octets.subarray(at, at + length).toString("base64url"),
    n: octets.subarray(at + length).toString("base64url"),
  };
}

function curveKey(crv: "P-256" | "P-384"): (octets: Buffer) => JsonWebKey {
  return (octets) => ({
    kty: "EC",
    crv,
    x: octets.subarray(0, octets.length / 2).toString("base64url"),
    y: octets.subarray(octets.length / 2).toString("base64url"),
  });
}

function edwardsKey(crv: "Ed25519" | "Ed448"): (octets: Buffer) => JsonWebKey {
  return (octets) => ({ kty: "OKP", crv, x: octets.toString("base64url") });
}
