import { isDeepStrictEqual } from "node:util";
import {
  type FetchedPolicy,
  isCovered,
  judgeMtaSts,
  type MtaStsPolicy,
  parseMtaStsPolicy,
} from "@mailstead/core/checks";
import { type MtaStsMode, mtaStsPolicy, readMtaStsId } from "@mailstead/core/dns";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

type Vector = { readonly id_: string } & (
  | { readonly kind: "record"; readonly input: string; readonly valid: boolean; readonly id: string | null }
  | ({ readonly kind: "policy"; readonly input: string; readonly valid: boolean } & Partial<WrittenPolicy>)
  | {
      readonly kind: "match";
      readonly mx: string;
      readonly patterns: readonly string[];
      readonly match: boolean;
    }
  | Fetch
);

interface WrittenPolicy {
  readonly mode: string;
  readonly max_age: number;
  readonly mx: readonly string[];
}

interface Fetch {
  readonly kind: "fetch";
  readonly domain: string;
  readonly dns: string;
  readonly status: number;
  readonly content_type: string;
  readonly body: string;
  readonly cert_ok: boolean;
  readonly valid: boolean;
}

/** Records, policies, names and answers of web servers, as other senders take them. */
export async function scoreMtaSts(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("vectors", 0.98);
  for (const vector of material.jsonLines<Vector>("vectors.jsonl")) {
    await book.attempt(vector.id_, score, () => {
      const { found, wanted } = answerTo(vector);
      score.add(
        isDeepStrictEqual(found, wanted),
        `${vector.id_}: ${shown(found)}, not ${shown(wanted)} for ${shown(vector)}`,
      );
    });
  }
  const real = book.open("policies of real domains match their hosts, and no others");
  for (const file of material.files().filter((name) => name.endsWith(".json")))
    await scoreRealPolicies(material.json<PolicyList>(file), { book, score: real });
}

function answerTo(vector: Vector): { found: unknown; wanted: unknown } {
  switch (vector.kind) {
    case "record":
      return { found: readMtaStsId(vector.input), wanted: vector.valid ? vector.id : null };
    case "policy": {
      const policy = policyIn(vector.input);
      const { mode = null, max_age = null, mx = [] } = vector;
      return {
        found: policy && { mode: policy.mode, maxAgeS: policy.maxAgeS, mx: policy.mx },
        wanted: vector.valid ? { mode, maxAgeS: max_age, mx } : null,
      };
    }
    case "match":
      return { found: isCovered(vector.mx, vector.patterns), wanted: vector.match };
    case "fetch":
      return { found: isPolicyTaken(vector), wanted: vector.valid };
  }
}

function policyIn(text: string): MtaStsPolicy | null {
  const read = parseMtaStsPolicy(text);
  return "problem" in read ? null : read.policy;
}

/** What the check of a domain would hold against it, but for what concerns its mail hosts. */
function isPolicyTaken({ domain, dns, status, content_type, body, cert_ok }: Fetch): boolean {
  const id = readMtaStsId(dns);
  if (id === null) return false;
  const fetched: FetchedPolicy = cert_ok
    ? { kind: "answered", status, contentType: content_type, location: null, text: body }
    : { kind: "failed", problem: "the certificate does not hold for the name" };
  const refusals = ["mta-sts-unreachable", "mta-sts-served-wrong", "mta-sts-policy"];
  const findings = judgeMtaSts({ domain, id, fetched, mailHosts: null, before: null });
  return findings.every(({ kind }) => !refusals.includes(kind));
}

interface NamedHosts {
  readonly mode?: MtaStsMode;
  readonly mxs?: readonly string[];
  readonly "policy-alias"?: string;
}

interface PolicyList {
  readonly "policy-aliases"?: Readonly<Record<string, NamedHosts>>;
  readonly policies?: Readonly<Record<string, NamedHosts>>;
}

/** Each list of hosts is published as our policy would be, read back, and held against names that it has and has not. */
async function scoreRealPolicies(
  list: PolicyList | null,
  { book, score }: { book: ScoreBook; score: ReturnType<ScoreBook["open"]> },
): Promise<void> {
  for (const [domain, own] of Object.entries(list?.policies ?? {})) {
    const named = list?.["policy-aliases"]?.[own["policy-alias"] ?? ""] ?? own;
    await book.attempt(domain, score, () => {
      // They write ".a.example" for what RFC 8461 writes as "*.a.example".
      const patterns = (named.mxs ?? []).map((host) => host.replace(/^\./, "*."));
      const { text } = mtaStsPolicy({
        mode: named.mode ?? "testing",
        mxHosts: patterns,
        maxAgeSeconds: 86_400,
      });
      const read = policyIn(text);
      const mx = read?.mx ?? [];
      const hosts = patterns.map((pattern) => pattern.replace("*", "mx1"));
      const deeper = patterns
        .filter((pattern) => pattern.startsWith("*."))
        .map((pattern) => pattern.replace("*", "a.b"));
      const isRight =
        read?.mode === named.mode &&
        hosts.every((host) => isCovered(host, mx) && isCovered(`${host.toUpperCase()}.`, mx)) &&
        [...deeper, ...hosts.map((host) => `${host}.invalid`)].every((host) => !isCovered(host, mx));
      score.add(isRight, `${domain}: ${shown(mx)} for ${shown(patterns)}`);
    });
  }
}
