import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { DnsLookupAnswer } from "@mailstead/core/dns";

/** What became of one DKIM signature, as a receiver would see it. */
export type SignatureVerdict = { readonly domain: string; readonly selector: string } & (
  | { readonly kind: "valid" }
  | { readonly kind: "invalid"; readonly problem: string }
  | { readonly kind: "no-key" }
  /** Nobody could say which key it is to verify with. */
  | { readonly kind: "unknown"; readonly problem: string }
);

interface Field {
  readonly name: string;
  /** The whole field as it came, without its last CR LF. */
  readonly text: string;
}

/** A message in two parts as they came, a byte for each character. */
interface Parts {
  readonly fields: readonly Field[];
  readonly body: string;
}

// More than a host puts on a letter.
const signaturesMax = 10;

/**
 * Verifies the signatures of a message (RFC 6376 §6.1, RFC 8463), whose bytes are characters of the text, against the keys
 * that a resolver finds. Those that name no domain and selector are passed over.
 */
export async function verifyMessage(
  message: string,
  lookUpText: (name: string) => Promise<DnsLookupAnswer>,
  now: Date,
): Promise<readonly SignatureVerdict[]> {
  const parts = partsOf(message);
  const signed = parts.fields.flatMap((field) => {
    if (field.name !== "dkim-signature") return [];
    const tags = tagsOf(bodyOf(field));
    const [domain, selector] = [tags.get("d")?.toLowerCase(), tags.get("s")];
    return domain === undefined || selector === undefined ? [] : [{ field, tags, domain, selector }];
  });
  return Promise.all(
    signed
      .slice(0, signaturesMax)
      .map(async ({ field, tags, domain, selector }): Promise<SignatureVerdict> => {
        const answer = await lookUpText(`${selector}._domainkey.${domain}`);
        if (answer.kind === "none") return { domain, selector, kind: "no-key" };
        if (answer.kind === "failed") return { domain, selector, kind: "unknown", problem: answer.problem };
        // Bun tells the strings of one record, which make up the key together (RFC 6376 §3.6.2.2), as several records.
        const records = [...new Set([answer.values.join(""), ...answer.values])];
        const problems = records.map((record) => problemOf(parts, { field, tags, record, now }));
        const [problem = "its key cannot be read"] = problems.includes(null) ? [null] : problems;
        return problem === null
          ? { domain, selector, kind: "valid" }
          : { domain, selector, kind: "invalid", problem };
      }),
  );
}

interface Signature {
  readonly field: Field;
  readonly tags: ReadonlyMap<string, string>;
  /** The text in DNS. */
  readonly record: string;
  readonly now: Date;
}

function problemOf({ fields, body }: Parts, { field, tags, record, now }: Signature): string | null {
  const algorithm = tags.get("a")?.toLowerCase();
  if (algorithm !== "rsa-sha256" && algorithm !== "ed25519-sha256")
    return `it is made with ${algorithm ?? "no algorithm"}`;
  const expires = Number(tags.get("x") ?? Number.POSITIVE_INFINITY);
  if (now.getTime() / 1000 > expires) return "it has expired";
  const key = keyOf(tagsOf(record), algorithm);
  if (typeof key === "string") return key;
  const [headerForm = "simple", bodyForm = "simple"] = (tags.get("c") ?? "simple").toLowerCase().split("/");
  const hashed = bodyForm === "relaxed" ? relaxedBody(body) : simpleBody(body);
  const counted = tags.has("l") ? hashed.slice(0, Number(tags.get("l"))) : hashed;
  if (createHash("sha256").update(bytesOf(counted)).digest("base64") !== tags.get("bh"))
    return "the body is another than was signed";
  const form = (one: Field) => (headerForm === "relaxed" ? relaxedField(one) : one.text);
  const own = { ...field, text: field.text.replace(/([;:]\s*b\s*=)[^;]*/, "$1") };
  const names = (tags.get("h") ?? "").toLowerCase().split(":");
  if (!names.includes("from")) return "it does not cover From";
  const text = [...signedFields(fields, names).map((one) => `${form(one)}\r\n`), form(own)].join("");
  const signature = Buffer.from(tags.get("b") ?? "", "base64");
  // RFC 8463 §3: Ed25519 signs the hash and not the text.
  const isValid =
    algorithm === "ed25519-sha256"
      ? verify(null, createHash("sha256").update(bytesOf(text)).digest(), key, signature)
      : verify("sha256", bytesOf(text), key, signature);
  return isValid ? null : "it does not fit the key that DNS shows";
}

// What stands before the bytes of a raw Ed25519 key in its usual form (RFC 8410 §4).
const ed25519Start = Buffer.from("302a300506032b6570032100", "hex");

function keyOf(tags: ReadonlyMap<string, string>, algorithm: string): KeyObject | string {
  const kind = algorithm === "ed25519-sha256" ? "ed25519" : "rsa";
  const text = tags.get("p");
  if (text === undefined) return "what DNS shows under its selector is no key";
  if (text === "") return "DNS says that its key is revoked";
  if ((tags.get("k")?.toLowerCase() ?? "rsa") !== kind) return `DNS shows no ${kind} key under its selector`;
  const bytes = Buffer.from(text, "base64");
  try {
    const der = kind === "ed25519" && bytes.length === 32 ? Buffer.concat([ed25519Start, bytes]) : bytes;
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    return "the key that DNS shows cannot be read";
  }
}

/** The fields that a signature names, of several of a name the lowest first (RFC 6376 §5.4.2). */
function signedFields(fields: readonly Field[], names: readonly string[]): readonly Field[] {
  const left = Map.groupBy(fields, ({ name }) => name);
  return names.flatMap((name) => left.get(name.trim())?.pop() ?? []);
}

function partsOf(message: string): Parts {
  const end = message.indexOf("\r\n\r\n");
  const head = end < 0 ? message.replace(/\r\n$/, "") : message.slice(0, end);
  const fields = head.split(/\r\n(?![ \t])/).map((text) => ({
    name: text
      .slice(0, Math.max(text.indexOf(":"), 0))
      .trim()
      .toLowerCase(),
    text,
  }));
  return { fields, body: end < 0 ? "" : message.slice(end + 4) };
}

function bodyOf({ text }: Field): string {
  return text.slice(text.indexOf(":") + 1);
}

/** RFC 6376 §3.2; white space inside a value says nothing. */
function tagsOf(list: string): ReadonlyMap<string, string> {
  return new Map(
    list.split(";").flatMap((tag): [string, string][] => {
      const at = tag.indexOf("=");
      return at < 0 ? [] : [[tag.slice(0, at).trim(), tag.slice(at + 1).replaceAll(/\s+/g, "")]];
    }),
  );
}

/** RFC 6376 §3.4.2. */
function relaxedField(field: Field): string {
  const value = bodyOf(field)
    .replaceAll(/\r\n/g, "")
    .replaceAll(/[ \t]+/g, " ")
    .trim();
  return `${field.name}:${value}`;
}

/** RFC 6376 §3.4.3. */
function simpleBody(body: string): string {
  return `${body.replace(/(?:\r\n)+$/, "")}\r\n`;
}

/** RFC 6376 §3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.replaceAll(/[ \t]+(?=\r\n|$)/g, "").replaceAll(/[ \t]+/g, " ");
  const text = lines.replace(/(?:\r\n)+$/, "");
  return text === "" ? "" : `${text}\r\n`;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
