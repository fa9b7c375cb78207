import { randomBytes } from "node:crypto";

/** What is offered to a server; the rest of the greeting is what every mail program says. */
export interface ClientHello {
  /** As on the wire: 0x0301 is TLS 1.0, 0x0303 is TLS 1.2, the newest that can be offered so. */
  version: number;
  ciphers: readonly number[];
  servername: string;
  /** Whether the old hash is offered for signatures too. */
  allowsSha1: boolean;
}

export interface ServerHello {
  version: number;
  cipher: number;
  /** Of the record layer; 0 is none (RFC 5246 §7.4.1.3). */
  compression: number;
  extensions: readonly number[];
  /** Length of the prime when the keys are exchanged by Diffie and Hellman in their old form; null otherwise. */
  primeBits: number | null;
}

export const extensionTypes = { extendedMasterSecret: 23, renegotiationInfo: 0xff01 } as const;

const recordTypes = { alert: 21, handshake: 22 } as const;
const handshakeTypes = { serverHello: 2, serverKeyExchange: 12, serverHelloDone: 14 } as const;
/** X25519, P-256, P-384, P-521. */
const groups = [0x001d, 0x0017, 0x0018, 0x0019];
/** SHA-2 with RSA, ECDSA and RSA-PSS (RFC 8446 §4.2.3). */
const signatures = [0x0401, 0x0403, 0x0804, 0x0501, 0x0503, 0x0805, 0x0601, 0x0603, 0x0806];
const sha1Signatures = [0x0201, 0x0203];
const deflate = 1;

/**
 * The first message of a TLS handshake up to version 1.2 (RFC 5246 §7.4.1.2). Written here because a TLS library
 * offers only what it would itself use, and a check must offer what nobody ought to take.
 */
export function encodeClientHello({ version, ciphers, servername, allowsSha1 }: ClientHello): Buffer {
  const name = Buffer.from(servername, "latin1");
  const extensions = Buffer.concat([
    extension(0, sized(2, Buffer.concat([Buffer.from([0]), sized(2, name)]))),
    extension(10, sized(2, numbers(groups))),
    extension(11, Buffer.from([1, 0])),
    extension(13, sized(2, numbers([...signatures, ...(allowsSha1 ? sha1Signatures : [])]))),
    extension(extensionTypes.extendedMasterSecret, Buffer.alloc(0)),
    extension(extensionTypes.renegotiationInfo, Buffer.from([0])),
  ]);
  const body = Buffer.concat([
    numbers([version]),
    randomBytes(32),
    Buffer.from([0]),
    sized(2, numbers(ciphers)),
    sized(1, Buffer.from([deflate, 0])),
    sized(2, extensions),
  ]);
  const message = Buffer.concat([Buffer.from([1]), sized(3, body)]);
  // Some servers refuse a first record of a newer version (RFC 5246, appendix E.1).
  return Buffer.concat([Buffer.from([recordTypes.handshake]), numbers([0x0301]), sized(2, message)]);
}

/**
 * What a server's bytes say so far: its choice, its refusal in the number of an alert, that more must come, or that
 * this is no TLS.
 */
export type HelloReading =
  | { kind: "chosen"; hello: ServerHello }
  | { kind: "refused"; alert: number }
  | { kind: "incomplete" }
  | { kind: "not-tls" };

/** Reads the answer to a greeting as far as the server's key exchange, where the choice needs it. */
export function readServerHello(received: Buffer): HelloReading {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= received.length; ) {
    const type = received.readUInt8(at);
    const size = received.readUInt16BE(at + 3);
    if (received.readUInt8(at + 1) !== 3) return { kind: "not-tls" };
    if (at + 5 + size > received.length) break;
    const payload = received.subarray(at + 5, at + 5 + size);
    at += 5 + size;
    if (type === recordTypes.alert) return { kind: "refused", alert: payload[1] ?? 0 };
    if (type !== recordTypes.handshake) return { kind: "not-tls" };
    parts.push(payload);
  }
  if (
    parts.length === 0 &&
    received.length >= 1 &&
    received[0] !== recordTypes.handshake &&
    received[0] !== recordTypes.alert
  )
    return { kind: "not-tls" };
  return readMessages(Buffer.concat(parts));
}

function readMessages(handshake: Buffer): HelloReading {
  let hello: ServerHello | null = null;
  for (let at = 0; at + 4 <= handshake.length; ) {
    const type = handshake.readUInt8(at);
    const size = handshake.readUIntBE(at + 1, 3);
    if (at + 4 + size > handshake.length) break;
    const body = handshake.subarray(at + 4, at + 4 + size);
    at += 4 + size;
    if (type === handshakeTypes.serverHello) {
      hello = readHello(body);
      if (hello === null) return { kind: "not-tls" };
      if (!exchangesByPrime(hello.cipher)) return { kind: "chosen", hello };
    }
    if (type === handshakeTypes.serverKeyExchange && hello !== null && body.length > 2)
      return { kind: "chosen", hello: { ...hello, primeBits: bitsOf(body) } };
    if (type === handshakeTypes.serverHelloDone && hello !== null) return { kind: "chosen", hello };
  }
  return { kind: "incomplete" };
}

function readHello(body: Buffer): ServerHello | null {
  const sessionSize = body[34];
  if (sessionSize === undefined || body.length < 38 + sessionSize) return null;
  const after = 35 + sessionSize;
  const extensions: number[] = [];
  for (let at = after + 5; at + 4 <= body.length; at += 4 + body.readUInt16BE(at + 2))
    extensions.push(body.readUInt16BE(at));
  return {
    version: body.readUInt16BE(0),
    cipher: body.readUInt16BE(after),
    compression: body.readUInt8(after + 2),
    extensions,
    primeBits: null,
  };
}

/** RFC 5246 §7.4.3: the prime comes first, with its length in front. */
function bitsOf(keyExchange: Buffer): number {
  const prime = keyExchange.subarray(2, 2 + keyExchange.readUInt16BE(0));
  const start = prime.findIndex((octet) => octet !== 0);
  return start < 0 ? 0 : (prime.length - start) * 8 - Math.clz32(prime[start] ?? 0) + 24;
}

/** DHE_RSA of these tables: the only ones whose prime is worth a look. */
function exchangesByPrime(cipher: number): boolean {
  return primeCiphers.includes(cipher);
}

/** DHE_RSA with AES-GCM, ChaCha20 and AES-CBC. */
export const primeCiphers: readonly number[] = [0x009e, 0x009f, 0xccaa, 0x0033, 0x0039];

/** Forward secret and authenticated: ECDHE with AES-GCM or ChaCha20. */
export const strongCiphers: readonly number[] = [0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8];

/** What nobody ought to take any more, the worst first; names as IANA has them, without the prefix. */
export const weakCiphers: ReadonlyMap<number, string> = new Map([
  [0x0001, "RSA_WITH_NULL_MD5"],
  [0x0002, "RSA_WITH_NULL_SHA"],
  [0x003b, "RSA_WITH_NULL_SHA256"],
  [0xc010, "ECDHE_RSA_WITH_NULL_SHA"],
  [0xc006, "ECDHE_ECDSA_WITH_NULL_SHA"],
  [0x0018, "DH_anon_WITH_RC4_128_MD5"],
  [0x0034, "DH_anon_WITH_AES_128_CBC_SHA"],
  [0x003a, "DH_anon_WITH_AES_256_CBC_SHA"],
  [0xc018, "ECDH_anon_WITH_AES_128_CBC_SHA"],
  [0xc019, "ECDH_anon_WITH_AES_256_CBC_SHA"],
  [0x0003, "RSA_EXPORT_WITH_RC4_40_MD5"],
  [0x0008, "RSA_EXPORT_WITH_DES40_CBC_SHA"],
  [0x0014, "DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"],
  [0x0004, "RSA_WITH_RC4_128_MD5"],
  [0x0005, "RSA_WITH_RC4_128_SHA"],
  [0xc007, "ECDHE_ECDSA_WITH_RC4_128_SHA"],
  [0xc011, "ECDHE_RSA_WITH_RC4_128_SHA"],
  [0x0009, "RSA_WITH_DES_CBC_SHA"],
  [0x000a, "RSA_WITH_3DES_EDE_CBC_SHA"],
  [0x0016, "DHE_RSA_WITH_3DES_EDE_CBC_SHA"],
  [0xc008, "ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"],
  [0xc012, "ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"],
  [0x0007, "RSA_WITH_IDEA_CBC_SHA"],
  [0x0096, "RSA_WITH_SEED_CBC_SHA"],
  [0x002f, "RSA_WITH_AES_128_CBC_SHA"],
  [0x0035, "RSA_WITH_AES_256_CBC_SHA"],
  [0x003c, "RSA_WITH_AES_128_CBC_SHA256"],
  [0x003d, "RSA_WITH_AES_256_CBC_SHA256"],
  [0x009c, "RSA_WITH_AES_128_GCM_SHA256"],
  [0x009d, "RSA_WITH_AES_256_GCM_SHA384"],
  [0x0033, "DHE_RSA_WITH_AES_128_CBC_SHA"],
  [0x0039, "DHE_RSA_WITH_AES_256_CBC_SHA"],
  [0xc009, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
  [0xc00a, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA"],
  [0xc013, "ECDHE_RSA_WITH_AES_128_CBC_SHA"],
  [0xc014, "ECDHE_RSA_WITH_AES_256_CBC_SHA"],
  [0xc023, "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"],
  [0xc027, "ECDHE_RSA_WITH_AES_128_CBC_SHA256"],
  [0xc024, "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"],
  [0xc028, "ECDHE_RSA_WITH_AES_256_CBC_SHA384"],
]);

function extension(type: number, data: Buffer): Buffer {
  return Buffer.concat([numbers([type]), sized(2, data)]);
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => {
    bytes.writeUInt16BE(value, at * 2);
  });
  return bytes;
}

/** With its length in front, in so many octets. */
function sized(octets: number, data: Buffer): Buffer {
  const length = Buffer.alloc(octets);
  length.writeUIntBE(data.length, 0, octets);
  return Buffer.concat([length, data]);
}
