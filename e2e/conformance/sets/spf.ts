import { answerLookups, type DnsLookup, type DnsLookupAnswer, evaluateSpf } from "@mailstead/core/dns";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";

type SuiteRecord = "TIMEOUT" | Readonly<Record<string, string | readonly (string | number)[]>>;

interface Scenario {
  readonly description: string;
  readonly zonedata: Readonly<Record<string, readonly SuiteRecord[]>>;
  readonly tests: Readonly<Record<string, SuiteTest>>;
}

interface SuiteTest {
  readonly host: string;
  readonly helo: string;
  readonly mailfrom: string;
  readonly result: string | readonly string[];
}

/** The suite of RFC 7208, each test against the zones of its scenario. */
export async function scoreSpfSuite(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("verdicts of the suite of RFC 7208");
  for (const { description, zonedata, tests } of material.json<readonly Scenario[]>("tests.json") ?? []) {
    const answer = answerFrom(zonedata);
    for (const [name, test] of Object.entries(tests))
      await book.attempt(name, score, async () => {
        const found = await checkSpf({ ip: test.host, helo: test.helo, mailFrom: test.mailfrom }, answer);
        const wanted = [test.result].flat();
        score.add(wanted.includes(found), `${description}, ${name}: ${found}, not ${shown(wanted)}`);
      });
  }
}

/** What becomes of a sender: the name of the greeting stands for an empty one (RFC 7208 §2.4). */
export async function checkSpf(
  { ip, helo, mailFrom }: { ip: string; helo: string; mailFrom: string },
  answer: (lookup: DnsLookup) => Promise<DnsLookupAnswer>,
): Promise<string> {
  const at = mailFrom.lastIndexOf("@");
  const domain = mailFrom === "" ? helo : mailFrom.slice(at + 1);
  const sender = at > 0 ? mailFrom : `postmaster@${domain}`;
  const { result } = await answerLookups(evaluateSpf({ address: ip, domain, sender, helo }), answer);
  return result;
}

/** A type SPF is a TXT unless TXT records stand beside it; nobody answers where the suite says so, or for its aliases. */
function answerFrom(zonedata: Scenario["zonedata"]): (lookup: DnsLookup) => Promise<DnsLookupAnswer> {
  const zone = new Map(Object.entries(zonedata).map(([name, records]) => [name.toLowerCase(), records]));
  return async ({ name, type }) => {
    const records = zone.get(name.toLowerCase()) ?? [];
    const isSilent = records.some((record) => record === "TIMEOUT" || "CNAME" in record);
    const hasText = records.some((record) => typeof record === "object" && "TXT" in record);
    const values = records.flatMap((record) => {
      if (typeof record === "string") return [];
      return Object.entries(record).flatMap(([written, value]) => {
        const own = written === "SPF" && !hasText ? "TXT" : written;
        return own !== type || value === "NONE" ? [] : [textOf(own, value)];
      });
    });
    if (values.length > 0) return { kind: "found", values };
    return isSilent ? { kind: "failed", problem: "no answer" } : { kind: "none" };
  };
}

function textOf(type: string, value: string | readonly (string | number)[]): string {
  return typeof value === "string" ? value : value.join(type === "TXT" ? "" : " ");
}
