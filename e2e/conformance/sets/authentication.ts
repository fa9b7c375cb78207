import { answerLookups, inheritDmarc, isDmarc, receiverPolicy, tagsOf } from "@mailstead/core/dns";
import { arc } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { getDomain } from "tldts";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";
import { type FakeZone, readFakeZone } from "./fake-zone.ts";
import { checkSpf } from "./spf.ts";

interface Scenario {
  readonly name: string;
  readonly message: string;
  readonly ip: string | null;
  readonly mail_from: string | null;
  /** Symbols of Rspamd that must be found, and such that must not. */
  readonly expect: readonly string[];
  readonly not_expect: readonly string[];
}

/**
 * Messages from a client and a sender, in a DNS of their own: SPF and the policy of DMARC as we evaluate them, DKIM and
 * ARC by mailauth. Identities are aligned by registrable domains, as receivers do that do not walk the tree (RFC 7489 §3.2).
 */
export async function scoreAuthentication(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("verdicts of scenarios");
  const zone = readFakeZone(material.text("dns-fake-records.ucl") ?? "");
  for (const scenario of material.jsonLines<Scenario>("cases.jsonl")) {
    const raw = material.bytes(`messages/${scenario.message}`);
    if (raw === null) continue;
    await book.attempt(scenario.name, score, async () => {
      const found = await symbolsOf(scenario, raw, zone);
      const { expect, not_expect } = scenario;
      const isRight =
        expect.every((symbol) => found.includes(symbol)) &&
        !not_expect.some((symbol) => found.includes(symbol));
      score.add(isRight, `${scenario.name}: ${shown(found)}, not ${shown(expect)}`);
    });
  }
}

async function symbolsOf({ ip, mail_from }: Scenario, raw: Uint8Array, zone: FakeZone): Promise<string[]> {
  const resolver = resolverOf(zone);
  const mailFrom = (mail_from ?? "").replaceAll(/[<>]/g, "");
  const verdict =
    ip === null
      ? "none"
      : await checkSpf({ ip, helo: `[${ip}]`, mailFrom }, async (lookup) => zone.answer(lookup));
  const dkim = await dkimVerify(Buffer.from(raw), { resolver });
  const found = dkim.arc?.chain;
  const chain = Array.isArray(found) ? await arc({ ...dkim.arc, chain: found }, { resolver }) : null;
  const signers = dkim.results.filter(({ status }) => status.result === "pass");
  const proven: Proven = {
    adkim: signers.flatMap(({ signingDomain }) => signingDomain ?? []),
    aspf: verdict === "pass" ? [mailFrom.slice(mailFrom.lastIndexOf("@") + 1)] : [],
  };
  const author = /@([^\s<>"@]+?)>?\s*$/.exec([dkim.headerFrom].flat()[0] ?? "")?.[1] ?? "";
  return [
    `R_SPF_${spfSymbols[verdict] ?? verdict}`,
    ...dkim.results.map(({ status }) => `R_DKIM_${dkimSymbols[status.result] ?? status.result}`),
    `ARC_${arcSymbols[chain?.status?.result ?? "none"] ?? "INVALID"}`,
    await dmarcSymbol(author, proven, zone),
  ];
}

const spfSymbols: Readonly<Record<string, string>> = {
  pass: "ALLOW",
  fail: "FAIL",
  softfail: "SOFTFAIL",
  neutral: "NEUTRAL",
  none: "NA",
  temperror: "DNSFAIL",
  permerror: "PERMFAIL",
};
const dkimSymbols: Readonly<Record<string, string>> = {
  pass: "ALLOW",
  fail: "REJECT",
  neutral: "PERMFAIL",
  policy: "PERMFAIL",
  none: "NA",
  temperror: "TEMPFAIL",
  permerror: "PERMFAIL",
};
const arcSymbols: Readonly<Record<string, string>> = {
  pass: "ALLOW",
  fail: "REJECT",
  none: "NA",
  temperror: "DNSFAIL",
};

/** Domains that proved themselves, by the tag that says how closely they must fit. */
type Proven = Readonly<Record<"adkim" | "aspf", readonly string[]>>;

/** What a receiver concludes of the domain in From. */
async function dmarcSymbol(author: string, proven: Proven, zone: FakeZone): Promise<string> {
  const own = zone.answer({ name: `_dmarc.${author}`, type: "TXT" });
  if (own.kind === "failed") return "DMARC_DNSFAIL";
  const values = own.kind === "found" ? own.values : [];
  const inherited = await answerLookups(inheritDmarc(author), async (lookup) => zone.answer(lookup));
  if (inherited.kind === "failed") return "DMARC_DNSFAIL";
  const records = values.filter(isDmarc);
  if (records.length === 0 && inherited.kind === "none") return "DMARC_NA";
  const policy = receiverPolicy(values, inherited);
  if (policy === null) return "DMARC_BAD_POLICY";
  const record = tagsOf(records[0] ?? (inherited.kind === "inherited" ? inherited.record : ""));
  const isAligned = (tag: keyof Proven) =>
    proven[tag].some((domain) =>
      record.get(tag)?.toLowerCase() === "s"
        ? domain.toLowerCase() === author.toLowerCase()
        : registrable(domain) === registrable(author),
    );
  if (isAligned("adkim") || isAligned("aspf")) return "DMARC_POLICY_ALLOW";
  return `DMARC_POLICY_${policy === "none" ? "SOFTFAIL" : policy.toUpperCase()}`;
}

function registrable(domain: string): string {
  return getDomain(domain, { allowPrivateDomains: true }) ?? domain.toLowerCase();
}

/** As Node's resolver answers. */
function resolverOf(zone: FakeZone) {
  return async (name: string, type: string): Promise<string[][]> => {
    const answer = zone.answer({ name, type });
    if (answer.kind === "found")
      return type.toUpperCase() === "TXT" ? answer.values.map((value) => [value]) : [[...answer.values]];
    const code = answer.kind === "failed" ? "ETIMEOUT" : "ENOTFOUND";
    throw Object.assign(new Error(`${name} ${type}: ${code}`), { code });
  };
}
