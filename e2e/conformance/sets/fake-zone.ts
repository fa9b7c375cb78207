import type { DnsLookup, DnsLookupAnswer } from "@mailstead/core/dns";

interface FakeRecord {
  readonly replies: readonly string[];
  /** Null where there are replies. */
  readonly rcode: string | null;
}

/** The DNS of a test world. */
export interface FakeZone {
  readonly answer: (lookup: Pick<DnsLookup, "name"> & { readonly type: string }) => DnsLookupAnswer;
}

const word = `"((?:[^"\\\\]|\\\\.)*)"|'((?:[^'\\\\]|\\\\.)*)'|([\\w.-]+)`;

/** Reads the fake records of a configuration of Rspamd: blocks of name, type, replies and rcode in UCL. */
export function readFakeZone(configuration: string): FakeZone {
  const records = new Map<string, FakeRecord>();
  for (const [, block = ""] of withoutComments(configuration).matchAll(/\{([^{}]*)\}/g)) {
    const name = settingOf(block, "name");
    const type = settingOf(block, "type");
    if (name === null || type === null) continue;
    records.set(keyOf(name, type), {
      replies: listOf(block, "replies"),
      rcode: settingOf(block, "rcode"),
    });
  }
  return {
    answer: ({ name, type }) => {
      const record = records.get(keyOf(name, type));
      if (record === undefined) return { kind: "none" };
      if (record.rcode !== null && !["norec", "nxdomain", "noerror"].includes(record.rcode.toLowerCase()))
        return { kind: "failed", problem: `the server said ${record.rcode}` };
      return record.replies.length === 0 ? { kind: "none" } : { kind: "found", values: record.replies };
    },
  };
}

function keyOf(name: string, type: string): string {
  return `${name.toLowerCase().replace(/\.$/, "")} ${type.toLowerCase()}`;
}

function settingOf(block: string, setting: string): string | null {
  const found = new RegExp(`(?:^|[\\s,;])${setting}\\s*[=:]?\\s*(?:${word})`, "s").exec(block);
  return found === null ? null : unquoted(found.slice(1));
}

function listOf(block: string, setting: string): readonly string[] {
  const list = new RegExp(
    `(?:^|[\\s,;])${setting}\\s*[=:]\\s*\\[((?:"(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*'|[^\\]"'])*)\\]`,
    "s",
  ).exec(block)?.[1];
  const single = list === undefined ? settingOf(block, setting) : null;
  if (list === undefined) return single === null ? [] : [single];
  return [...list.matchAll(new RegExp(word, "gs"))].map((found) => unquoted(found.slice(1)));
}

function unquoted([double, single, bare]: readonly (string | undefined)[]): string {
  return (double ?? single ?? bare ?? "").replaceAll(/\\(.)/g, "$1");
}

function withoutComments(text: string): string {
  return text.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g, (found) =>
    found.startsWith("#") ? "" : found,
  );
}
