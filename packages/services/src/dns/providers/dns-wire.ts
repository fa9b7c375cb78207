import { canonicalName, canonicalValue } from "@mailstead/core/publishing";

/** Types that are read and written over DNS, with their numbers. */
export const typeNumbers = {
  A: 1,
  NS: 2,
  CNAME: 5,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  SSHFP: 44,
  TLSA: 52,
  CAA: 257,
} as const;
export type WireType = keyof typeof typeNumbers;

export function isWireType(type: string): type is WireType {
  return Object.hasOwn(typeNumbers, type);
}

/** A record as it stood in a message. */
export interface WireRecord {
  name: string;
  type: number;
  ttlSeconds: number;
  /** As a server compares it: names in it are not compressed. */
  data: Buffer;
  /** Where the record begins in the message. */
  start: number;
}

export interface WireMessage {
  id: number;
  /** RFC 1035 §4.1.1. */
  responseCode: number;
  answers: WireRecord[];
  additionals: WireRecord[];
}

const headerBytes = 12;
const labelBytesMax = 63;
const characterStringMax = 255;

/** A domain name as labels, without compression (RFC 1035 §3.1). Throws RangeError when it cannot be one. */
export function encodeName(name: string): Buffer {
  const labels = name === "" || name === "." ? [] : name.replace(/\.$/, "").split(".");
  const parts = labels.map((label) => {
    const octets = Buffer.from(label, "utf8");
    if (octets.length === 0 || octets.length > labelBytesMax)
      throw new RangeError(`${name} is not a domain name`);
    return Buffer.concat([Buffer.of(octets.length), octets]);
  });
  return Buffer.concat([...parts, Buffer.of(0)]);
}

/** The RDATA of a value in canonical form. Throws RangeError when the value is none of its type. */
export function encodeData(type: WireType, value: string): Buffer {
  const fields = value.split(" ");
  const number = (at: number) => Number(fields[at]);
  const name = (at: number) => encodeName(fields[at] ?? "");
  switch (type) {
    case "A":
      return Buffer.from(value.split(".").map(Number));
    case "AAAA":
      return encodeIpv6(value);
    case "CNAME":
    case "NS":
    case "PTR":
      return encodeName(value);
    case "MX":
      return Buffer.concat([uint16(number(0)), name(1)]);
    case "SRV":
      return Buffer.concat([uint16(number(0)), uint16(number(1)), uint16(number(2)), name(3)]);
    case "TXT":
      return encodeText(value);
    case "TLSA":
      return Buffer.concat([Buffer.of(number(0), number(1), number(2)), Buffer.from(fields[3] ?? "", "hex")]);
    case "SSHFP":
      return Buffer.concat([Buffer.of(number(0), number(1)), Buffer.from(fields[2] ?? "", "hex")]);
    case "CAA": {
      const [, flags, tag = "", text = ""] = /^(\d+) (\S+) "(.*)"$/s.exec(value) ?? [];
      const octets = Buffer.from(tag, "ascii");
      return Buffer.concat([Buffer.of(Number(flags), octets.length), octets, Buffer.from(text)]);
    }
  }
}

/** The canonical value that RDATA means. */
export function decodeData(type: WireType, data: Buffer): string {
  const name = (at: number) => readName(data, at).name || ".";
  switch (type) {
    case "A":
      return [...data].join(".");
    case "AAAA":
      return canonicalValue(
        type,
        Array.from({ length: 8 }, (_, at) => data.readUInt16BE(at * 2).toString(16)).join(":"),
      );
    case "CNAME":
    case "NS":
    case "PTR":
      return canonicalValue(type, name(0));
    case "MX":
      return canonicalValue(type, `${data.readUInt16BE(0)} ${name(2)}`);
    case "SRV":
      return canonicalValue(
        type,
        `${data.readUInt16BE(0)} ${data.readUInt16BE(2)} ${data.readUInt16BE(4)} ${name(6)}`,
      );
    case "TXT":
      return decodeText(data);
    case "TLSA":
      return `${data[0]} ${data[1]} ${data[2]} ${data.subarray(3).toString("hex")}`;
    case "SSHFP":
      return `${data[0]} ${data[1]} ${data.subarray(2).toString("hex")}`;
    case "CAA": {
      const tagEnd = 2 + (data[1] ?? 0);
      const tag = data.subarray(2, tagEnd).toString("ascii");
      return canonicalValue(type, `${data[0]} ${tag} "${data.subarray(tagEnd).toString("utf8")}"`);
    }
  }
}

/** Reads a whole message. Throws RangeError when it is not DNS. */
export function decodeMessage(message: Buffer): WireMessage {
  const flags = message.readUInt16BE(2);
  const [questions = 0, answers = 0, authorities = 0, additionals = 0] = [4, 6, 8, 10].map((at) =>
    message.readUInt16BE(at),
  );
  let at = headerBytes;
  for (let index = 0; index < questions; index += 1) at = readName(message, at).end + 4;
  const take = (count: number) => {
    const records: WireRecord[] = [];
    for (let index = 0; index < count; index += 1) {
      const { record, end } = readRecord(message, at);
      records.push(record);
      at = end;
    }
    return records;
  };
  const answered = take(answers);
  take(authorities);
  return {
    id: message.readUInt16BE(0),
    responseCode: flags & 0x0f,
    answers: answered,
    additionals: take(additionals),
  };
}

/** A record as messages carry it. */
export function encodeRecord(record: {
  name: string;
  type: number;
  class: number;
  ttlSeconds: number;
  data: Buffer;
}): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(record.type, 0);
  fixed.writeUInt16BE(record.class, 2);
  fixed.writeUInt32BE(record.ttlSeconds, 4);
  fixed.writeUInt16BE(record.data.length, 8);
  return Buffer.concat([encodeName(record.name), fixed, record.data]);
}

function readRecord(message: Buffer, start: number): { record: WireRecord; end: number } {
  const { name, end: fixed } = readName(message, start);
  const type = message.readUInt16BE(fixed);
  const ttlSeconds = message.readUInt32BE(fixed + 4);
  const end = fixed + 10 + message.readUInt16BE(fixed + 8);
  if (end > message.length) throw new RangeError("the record ends after its message");
  const data = uncompressed({ message, type, start: fixed + 10, end });
  return { record: { name: canonicalName(name), type, ttlSeconds, data, start }, end };
}

/** RFC 3597 §4: only the old types compress names in their data, and comparing needs them whole. */
function uncompressed({
  message,
  type,
  start,
  end,
}: {
  message: Buffer;
  type: number;
  start: number;
  end: number;
}): Buffer {
  const nameAt = new Map<number, number>([
    [typeNumbers.CNAME, 0],
    [typeNumbers.NS, 0],
    [typeNumbers.PTR, 0],
    [typeNumbers.MX, 2],
    [typeNumbers.SRV, 6],
  ]).get(type);
  if (nameAt === undefined) return message.subarray(start, end);
  const { name } = readName(message, start + nameAt);
  return Buffer.concat([message.subarray(start, start + nameAt), encodeName(name)]);
}

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  let end = -1;
  for (;;) {
    const length = message.readUInt8(at);
    if (length >= 0xc0) {
      const target = message.readUInt16BE(at) & 0x3fff;
      if (end < 0) end = at + 2;
      // A pointer leads backwards only, so that following them ends.
      if (target >= at) throw new RangeError("a compressed name points forwards");
      at = target;
    } else if (length === 0) {
      return { name: labels.join("."), end: end < 0 ? at + 1 : end };
    } else {
      labels.push(message.toString("utf8", at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
}

function encodeText(value: string): Buffer {
  const octets = Buffer.from(value, "utf8");
  const strings: Buffer[] = [];
  for (let at = 0; at < octets.length || at === 0; at += characterStringMax) {
    const part = octets.subarray(at, at + characterStringMax);
    strings.push(Buffer.of(part.length), part);
  }
  return Buffer.concat(strings);
}

function decodeText(data: Buffer): string {
  const strings: Buffer[] = [];
  for (let at = 0; at < data.length; at += 1 + (data[at] ?? 0))
    strings.push(data.subarray(at + 1, at + 1 + (data[at] ?? 0)));
  return Buffer.concat(strings).toString("utf8");
}

function encodeIpv6(value: string): Buffer {
  const [before = [], after = []] = value.split("::").map((half) => (half === "" ? [] : half.split(":")));
  const missing = Array<string>(Math.max(8 - before.length - after.length, 0)).fill("0");
  return Buffer.concat([...before, ...missing, ...after].map((group) => uint16(Number.parseInt(group, 16))));
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
