import { arc } from "mailauth/lib/arc/index.js";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { dmarc } from "mailauth/lib/dmarc/index.js";
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

/** Messages from a client and a sender, in a DNS of their own: SPF as we evaluate it; DKIM, ARC and DMARC by mailauth. */
export async function scoreAuthentication(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("scenarios", 0.95);
  const zone = readFakeZone(material.text("dns-fake-records.ucl") ?? "");
  for (const scenario of material.jsonLines<Scenario>("cases.jsonl")) {
    const raw = material.bytes(`messages/${scenario.message}`);
    if (raw === null) continue;
    await book.attempt(scenario.name, score, async () => {
      const found = await symbolsOf(scenario, raw, zone);
      const { expect, not_expect } = scenario;
      const isRight =
        expect.every((symbol) => found.includes(symbol)) && !not_expect.some((symbol) => found.includes(symbol));
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
  const chain = await arc(dkim.arc, { resolver });
  const passed = dkim.results.filter(({ status }) => status.result === "pass");
  const policy = await dmarc({
    headerFrom: dkim.headerFrom,
    spfDomains: verdict === "pass" ? [mailFrom.slice(mailFrom.lastIndexOf("@") + 1)] : [],
    dkimDomains: passed.map(({ id, signingDomain, status }) => ({
      id: id ?? "",
      domain: signingDomain ?? "",
      aligned: status.aligned,
      underSized: status.underSized,
    })),
    arcResult: chain,
    resolver,
  });
  return [
    `R_SPF_${spfSymbols[verdict] ?? verdict}`,
    ...dkim.results.map(({ status }) => `R_DKIM_${dkimSymbols[status.result] ?? status.result}`),
    `ARC_${arcSymbols[chain === false ? "none" : chain.status.result] ?? "INVALID"}`,
    policy === false ? "DMARC_NA" : dmarcSymbol(policy.status.result, policy.policy),
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

function dmarcSymbol(result: string, policy: string | undefined): string {
  if (result === "pass") return "DMARC_POLICY_ALLOW";
  if (result === "temperror") return "DMARC_DNSFAIL";
  if (result === "permerror") return "DMARC_BAD_POLICY";
  if (result === "none") return "DMARC_NA";
  return `DMARC_POLICY_${policy === "reject" || policy === "quarantine" ? policy.toUpperCase() : "SOFTFAIL"}`;
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
