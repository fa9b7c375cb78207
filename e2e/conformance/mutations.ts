import { gzipSync } from "node:zlib";

/** A file made worse, and how. */
export interface Mutation {
  readonly how: string;
  readonly bytes: Uint8Array;
}

// Of a file of that size enough is seen; the largest reports are tried elsewhere.
const bytesMax = 256 * 1024;

/** A file cut off, scrambled, in another character set, doubled and packed. The same file is always harmed alike. */
export function mutate(file: Uint8Array): readonly Mutation[] {
  const bytes = file.subarray(0, bytesMax);
  const at = (part: number) => Math.floor(bytes.byteLength * part);
  return [
    { how: "cut off early", bytes: bytes.subarray(0, at(0.3)) },
    { how: "cut off late", bytes: bytes.subarray(0, at(0.9)) },
    { how: "without its start", bytes: bytes.subarray(at(0.4)) },
    { how: "with flipped bits", bytes: scramble(bytes) },
    { how: "in UTF-16", bytes: Buffer.from(Buffer.from(bytes).toString("latin1"), "utf16le") },
    { how: "twice, with zeros between", bytes: Buffer.concat([bytes, new Uint8Array(512), bytes]) },
    { how: "packed and cut off", bytes: gzipSync(bytes).subarray(0, -9) },
  ];
}

/** What is made to harm, by itself. */
export function harmful(): readonly Mutation[] {
  const text = (content: string) => Buffer.from(content);
  const boundary = (depth: number) =>
    `Content-Type: multipart/mixed; boundary="b${depth}"\r\n\r\n--b${depth}\r\n`;
  return [
    { how: "a gzip bomb", bytes: gzipSync(new Uint8Array(32 * 1024 * 1024)) },
    { how: "an entity bomb", bytes: text(entityBomb()) },
    { how: "a line of a megabyte", bytes: text("a".repeat(1024 * 1024)) },
    { how: "brackets without end", bytes: text("[".repeat(200_000)) },
    { how: "braces without end", bytes: text('{"a":'.repeat(100_000)) },
    { how: "elements without end", bytes: text("<record>".repeat(100_000)) },
    {
      how: "parts in parts",
      bytes: text(Array.from({ length: 500 }, (_, depth) => boundary(depth)).join("")),
    },
    { how: "a header without end", bytes: text(`Subject: ${"=?utf-8?B?YQ==?= ".repeat(20_000)}`) },
    { how: "addresses without end", bytes: text(`To: ${"<a@b.example>, ".repeat(20_000)}`) },
    { how: "nothing", bytes: new Uint8Array() },
    { how: "zeros", bytes: new Uint8Array(100_000) },
  ];
}

function entityBomb(): string {
  const entities = Array.from(
    { length: 12 },
    (_, level) => `<!ENTITY e${level + 1} "${`&e${level};`.repeat(10)}">`,
  );
  return `<?xml version="1.0"?><!DOCTYPE feedback [<!ENTITY e0 "x">${entities.join("")}]><feedback>&e12;</feedback>`;
}

function scramble(bytes: Uint8Array): Uint8Array {
  const harmed = Uint8Array.from(bytes);
  // A generator of Lehmer's kind, started from the length.
  let state = (bytes.byteLength % 2_147_483_646) + 1;
  for (let count = 0; count < Math.max(8, harmed.byteLength / 50); count += 1) {
    state = (state * 48_271) % 2_147_483_647;
    const index = state % Math.max(1, harmed.byteLength);
    harmed[index] = (harmed[index] ?? 0) ^ (1 << (state % 8));
  }
  return harmed;
}
