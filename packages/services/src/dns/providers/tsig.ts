import { createHmac, timingSafeEqual } from "node:crypto";
import { decodeMessage, encodeName, encodeRecord, type WireRecord } from "./dns-wire.ts";

export interface TsigKey {
  name: string;
  algorithm: "hmac-sha256" | "hmac-sha512";
  secret: Buffer;
}

/** How an answer was signed, in the words of RFC 8945 §3. */
export type TsigVerdict =
  | { kind: "good" }
  | { kind: "unsigned" }
  | { kind: "error"; error: "BADSIG" | "BADKEY" | "BADTIME" | `error ${number}`; serverTime: Date | null }
  /** Signed, but not by this key or not for this question. */
  | { kind: "forged" };

const tsigType = 250;
const classAny = 255;
// RFC 8945 §10: how far the clocks may be apart.
const fudgeSeconds = 300;
const errorNames: Readonly<Record<number, "BADSIG" | "BADKEY" | "BADTIME">> = {
  16: "BADSIG",
  17: "BADKEY",
  18: "BADTIME",
};
const badTime = 18;

/** Signs a message that has no additional records but those it counts; gives it back whole, with its MAC. */
export function signMessage(message: Buffer, key: TsigKey, now: Date): { signed: Buffer; mac: Buffer } {
  const time = { seconds: Math.floor(now.getTime() / 1000), fudge: fudgeSeconds, error: 0 };
  const mac = digest(key, [message, variables(key, { ...time, other: Buffer.alloc(0) })]);
  const data = Buffer.concat([
    encodeName(key.algorithm),
    uint48(time.seconds),
    uint16(time.fudge),
    uint16(mac.length),
    mac,
    message.subarray(0, 2),
    uint16(0),
    uint16(0),
  ]);
  const record = encodeRecord({ name: key.name, type: tsigType, class: classAny, ttlSeconds: 0, data });
  const signed = Buffer.concat([message, record]);
  signed.writeUInt16BE(message.readUInt16BE(10) + 1, 10);
  return { signed, mac };
}

/** Judges the signature of an answer to the question that was signed with `requestMac`. */
export function verifyAnswer(
  answer: Buffer,
  { key, requestMac, now }: { key: TsigKey; requestMac: Buffer; now: Date },
): TsigVerdict {
  const record = decodeMessage(answer).additionals.at(-1);
  if (record?.type !== tsigType) return { kind: "unsigned" };
  const tsig = readTsig(record);
  const error = (): TsigVerdict => ({
    kind: "error",
    error: errorNames[tsig.error] ?? `error ${tsig.error}`,
    serverTime:
      tsig.error === badTime && tsig.other.length === 6 ? new Date(tsig.other.readUIntBE(0, 6) * 1000) : null,
  });
  // RFC 8945 §5.2: who does not know the key or the signature cannot sign, and nothing of it is believed but the no.
  if (tsig.error !== 0 && tsig.mac.length === 0) return error();
  const unsigned = Buffer.from(answer.subarray(0, record.start));
  unsigned.writeUInt16BE(unsigned.readUInt16BE(10) - 1, 10);
  unsigned.writeUInt16BE(tsig.originalId, 0);
  const expected = digest(key, [uint16(requestMac.length), requestMac, unsigned, variables(key, tsig)]);
  if (tsig.mac.length !== expected.length || !timingSafeEqual(tsig.mac, expected)) return { kind: "forged" };
  if (tsig.error !== 0) return error();
  const apartSeconds = Math.abs(now.getTime() / 1000 - tsig.seconds);
  if (apartSeconds > tsig.fudge + 1)
    return { kind: "error", error: "BADTIME", serverTime: new Date(tsig.seconds * 1000) };
  return { kind: "good" };
}

interface TsigFields {
  seconds: number;
  fudge: number;
  mac: Buffer;
  originalId: number;
  error: number;
  other: Buffer;
}

function readTsig({ data }: WireRecord): TsigFields {
  // The algorithm is a name without compression; its first zero octet ends it.
  let at = 0;
  while (data.readUInt8(at) !== 0) at += 1 + data.readUInt8(at);
  at += 1;
  const macBytes = data.readUInt16BE(at + 8);
  const rest = at + 10 + macBytes;
  return {
    seconds: data.readUIntBE(at, 6),
    fudge: data.readUInt16BE(at + 6),
    mac: data.subarray(at + 10, rest),
    originalId: data.readUInt16BE(rest),
    error: data.readUInt16BE(rest + 2),
    other: data.subarray(rest + 6, rest + 6 + data.readUInt16BE(rest + 4)),
  };
}

/** RFC 8945 §4.3.3: what is signed beside the message; names in lower case. */
function variables(
  key: TsigKey,
  { seconds, fudge, error, other }: Pick<TsigFields, "seconds" | "fudge" | "error" | "other">,
): Buffer {
  return Buffer.concat([
    encodeName(key.name.toLowerCase()),
    uint16(classAny),
    Buffer.alloc(4),
    encodeName(key.algorithm),
    uint48(seconds),
    uint16(fudge),
    uint16(error),
    uint16(other.length),
    other,
  ]);
}

function digest(key: TsigKey, parts: readonly Buffer[]): Buffer {
  const hmac = createHmac(key.algorithm === "hmac-sha512" ? "sha512" : "sha256", key.secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function uint48(value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return bytes;
}
