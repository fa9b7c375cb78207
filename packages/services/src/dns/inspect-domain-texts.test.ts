import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { DnsView } from "./dns-view.ts";
import { inspectDomainTexts } from "./inspect-domain-texts.ts";
import { TestNameServer } from "./name-server.fixture.ts";

const dns = new TestNameServer("127.0.0.1");
const authority = new TestNameServer("127.0.0.21", ["a.example", "b.example"]);
let resolver: ConstructorParameters<typeof DnsView>[0];

beforeAll(async () => {
  const port = await dns.start();
  await authority.start(port);
  resolver = { address: "127.0.0.1", port, authorityPort: port };
});
afterAll(() => {
  dns.stop();
  authority.stop();
});

const zones = ["a.example NS ns.a.example", "b.example NS ns.a.example", "ns.a.example A 127.0.0.21"];
const right = [
  "a.example MX 10 mail.b.example",
  "a.example TXT v=spf1 mx include:b.example -all",
  "b.example TXT v=spf1 ip4:198.51.100.7 -all",
  "mail.b.example A 198.51.100.7",
  "_dmarc.a.example TXT v=DMARC1; p=reject; rua=mailto:reports@a.example",
];

/** The zone as it ought to be, with the set of each changed name in place of its own. */
function publish(...changed: string[]): void {
  const setOf = (line: string) => line.split(" ").slice(0, 2).join(" ");
  const sets = new Set(changed.map(setOf));
  const lines = [...zones, ...right.filter((line) => !sets.has(setOf(line))), ...changed];
  dns.publish(...lines);
  authority.publish("a.example SOA 1", "b.example SOA 1", ...lines);
}

beforeEach(() => {
  authority.rcode = 0;
  publish();
});

const oldKey = "old._domainkey.a.example";
const inspect = () => inspectDomainTexts("a.example", { view: new DnsView(resolver), oldKeyNames: [oldKey] });

test("a domain that writes its records as it ought to has no finding", async () => {
  expect(await inspect()).toEqual({ findings: [], unasked: [] });
});

test.each<[string, string[], string[]]>([
  ["ptr in SPF", ["a.example TXT v=spf1 mx ptr -all"], ["spf-ptr warning a.example"]],
  [
    "a term behind all",
    ["a.example TXT v=spf1 mx -all include:b.example"],
    ["spf-after-all warning a.example"],
  ],
  [
    "a redirect behind all",
    ["a.example TXT v=spf1 -all redirect=b.example"],
    ["spf-after-all warning a.example"],
  ],
  ["an explanation behind all", ["a.example TXT v=spf1 mx -all exp=why.a.example"], []],
  [
    "a term that stands there twice",
    ["a.example TXT v=spf1 +include:b.example include:B.example -all"],
    ["spf-duplicate instruction a.example"],
  ],
  [
    "an include that another one brings",
    [
      "a.example TXT v=spf1 include:c.example include:B.example ~all",
      "c.example TXT v=spf1 include:d.example -all",
      "d.example TXT v=spf1 ip4:198.51.100.9 redirect=b.example",
    ],
    ["spf-include-twice instruction a.example"],
  ],
  [
    "an include that another one forbids",
    [
      "a.example TXT v=spf1 include:c.example include:b.example ~all",
      "c.example TXT v=spf1 -include:b.example ?all",
    ],
    [],
  ],
  [
    "an include that leads back",
    ["b.example TXT v=spf1 include:a.example -all"],
    ["spf-loop error a.example"],
  ],
  ["a redirect to itself", ["a.example TXT v=spf1 mx redirect=a.example"], ["spf-loop error a.example"]],
  ["a record of the type SPF", ["a.example SPF v=spf1 -all"], ["spf-type instruction a.example"]],
  [
    "an answer that does not fit into a packet",
    ["a.example TXT v=spf1 mx -all", `a.example TXT proof=${"x".repeat(450)}`],
    ["spf-large instruction a.example"],
  ],
  [
    "DMARC at the domain itself",
    ["a.example TXT v=spf1 mx -all", "a.example TXT v=DMARC1; p=none"],
    ["dmarc-at-apex warning a.example"],
  ],
  [
    "SPF under _dmarc",
    ["_dmarc.a.example TXT v=DMARC1; p=reject", "_dmarc.a.example TXT v=spf1 -all"],
    ["spf-at-dmarc warning a.example"],
  ],
  [
    "tags of DMARC that count no more",
    ["_dmarc.a.example TXT v=DMARC1; p=reject; pct=50; ri=3600; rua=mailto:reports@a.example!10m"],
    ["dmarc-old-tags instruction a.example"],
  ],
  [
    "a test of DMARC as we write it for both standards",
    ["_dmarc.a.example TXT v=DMARC1; p=reject; t=y; pct=0"],
    [],
  ],
  [
    "a report address that is none",
    ["_dmarc.a.example TXT v=DMARC1; p=reject; rua=reports@a.example"],
    ["dmarc-report-address warning a.example"],
  ],
  [
    "reports to a domain that takes no mail",
    ["_dmarc.a.example TXT v=DMARC1; p=reject; rua=mailto:r@b.example", "b.example MX 0 ."],
    ["dmarc-receiver-mail warning a.example to b.example"],
  ],
  [
    "a mail host that stands there twice",
    ["a.example MX 10 mail.b.example", "a.example MX 20 mail.b.example"],
    ["mx-duplicate warning a.example mail.b.example"],
  ],
  [
    "a CAA contact that is no address",
    ['a.example CAA 0 iodef "security@a.example"', 'a.example CAA 0 contactemail "mailto:ca@a.example"'],
    ["caa-contact instruction a.example iodef", "caa-contact instruction a.example contactemail"],
  ],
  [
    "CAA contacts as they ought to be",
    [
      'a.example CAA 0 iodef "mailto:ca@a.example"',
      'a.example CAA 0 iodef "https://a.example/caa"',
      'a.example CAA 0 contactphone "+49 30 1234567"',
    ],
    [],
  ],
  [
    "a CAA property that nobody knows",
    ['a.example CAA 0 isue "ca.example"'],
    ["caa-unknown instruction a.example isue"],
  ],
  [
    "a key that was given up",
    [`${oldKey} TXT v=DKIM1; k=rsa; p=AAAA`],
    [`dkim-left-over instruction ${oldKey}`],
  ],
  ["a key that was revoked", [`${oldKey} TXT v=DKIM1; k=rsa; p=`], []],
])("%s is found as what it is", async (_what, changed, expected) => {
  publish(...changed);
  const { findings } = await inspect();
  expect(findings.map(({ kind, severity, about }) => `${kind} ${severity} ${about}`)).toEqual(expected);
});

test("an include that is brought already is shown with the way to it, and the record without it", async () => {
  publish(
    "a.example TXT v=spf1 include:b.example include:c.example ~all",
    "c.example TXT v=spf1 include:b.example -all",
  );
  expect((await inspect()).findings[0]).toMatchObject({
    sentence: "The SPF record of a.example includes b.example, which c.example includes already.",
    evidence: [expect.stringContaining("(ns.a.example, 127.0.0.21)"), "c.example includes b.example"],
    record: 'a.example. IN TXT "v=spf1 include:c.example ~all"',
  });
});

test("a finding shows the record, who said it and what to publish instead", async () => {
  publish("a.example TXT v=spf1 mx ptr -all");
  expect((await inspect()).findings[0]).toMatchObject({
    evidence: ["a.example TXT v=spf1 mx ptr -all (ns.a.example, 127.0.0.21)"],
    record: 'a.example. IN TXT "v=spf1 mx -all"',
  });
});

test("name servers that do not answer leave everything as it was", async () => {
  authority.rcode = 2;
  const { findings, unasked } = await inspect();
  expect(findings).toEqual([]);
  expect(unasked).toEqual(
    expect.arrayContaining(["spf-ptr", "dmarc-at-apex", "mx-duplicate", "caa-contact", "dkim-left-over"]),
  );
});
