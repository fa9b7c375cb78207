import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planConverge } from "../../converge/index.ts";
import { targetStateSchema } from "../../servers/index.ts";
import { RenderError } from "../render-error.ts";
import { renderStack } from "../render-stack.ts";
import { sampleTarget } from "../sample-target.testing.ts";

const suites = ["bookworm", "trixie"] as const;
const host = (suite: (typeof suites)[number]) => ({ suite, openSecret: () => "c2VjcmV0LW9mLXRoZS16b25l" });

const primary = {
  role: "primary",
  name: "alpha.example",
  peerAddresses: ["198.51.100.12", "2001:db8:51::12"],
  transferSecret: { box: "AAAA" },
  serial: 1_795_917_000,
  nameServers: [
    { name: "ns1.alpha.example", addresses: ["198.51.100.11", "2001:db8:51::11"] },
    { name: "mail2.fleet.example", addresses: ["198.51.100.12", "2001:db8:51::12"] },
  ],
  records: [
    { name: "alpha.example", type: "MX", ttlSeconds: 3600, value: "10 mail.alpha.example" },
    { name: "alpha.example", type: "TXT", ttlSeconds: 3600, value: "v=spf1 mx -all" },
    { name: "alpha.example", type: "CAA", ttlSeconds: 3600, value: '0 issue "letsencrypt.org"' },
    { name: "mail.alpha.example", type: "A", ttlSeconds: 3600, value: "198.51.100.11" },
    { name: "mail.alpha.example", type: "AAAA", ttlSeconds: 3600, value: "2001:db8:51::11" },
    {
      name: "ms1._domainkey.alpha.example",
      type: "TXT",
      ttlSeconds: 300,
      value: `v=DKIM1; p=${"A".repeat(392)}`,
    },
    { name: "_imaps._tcp.alpha.example", type: "SRV", ttlSeconds: 3600, value: "0 1 993 mail.alpha.example" },
    { name: "_pop3s._tcp.alpha.example", type: "SRV", ttlSeconds: 3600, value: "0 0 0 ." },
    {
      name: "_25._tcp.mail.alpha.example",
      type: "TLSA",
      ttlSeconds: 3600,
      value: `3 1 1 ${"ab".repeat(32)}`,
    },
    { name: "mail.alpha.example", type: "SSHFP", ttlSeconds: 3600, value: `4 2 ${"cd".repeat(32)}` },
    { name: "www.alpha.example", type: "CNAME", ttlSeconds: 3600, value: "shop.elsewhere.example" },
    { name: "*.apps.alpha.example", type: "A", ttlSeconds: 3600, value: "198.51.100.80" },
    { name: "note.alpha.example", type: "TXT", ttlSeconds: 3600, value: 'größer; "quoted" \\ back' },
    { name: "dept.alpha.example", type: "NS", ttlSeconds: 3600, value: "ns.dept.alpha.example" },
    { name: "dept.alpha.example", type: "DS", ttlSeconds: 3600, value: `12345 13 2 ${"EF".repeat(32)}` },
    { name: "ns.dept.alpha.example", type: "A", ttlSeconds: 3600, value: "198.51.100.90" },
  ],
};
const secondary = {
  role: "secondary",
  name: "beta.example",
  peerAddresses: ["198.51.100.12"],
  transferSecret: { box: "AAAA" },
};
const targetWith = (zones: readonly object[], changes: object = {}) =>
  sampleTarget({
    dns: { hasServed: true, listenAddresses: ["198.51.100.11", "2001:db8:51::11"], zones, ...changes },
  });
const filesOf = (zones: readonly object[], suite: (typeof suites)[number] = "trixie") =>
  renderStack(targetWith(zones), host(suite)).files.filter(({ service }) => service === "knot");
const zoneText = (records: readonly object[]) =>
  filesOf([{ ...primary, records }]).find(({ path }) => path.endsWith(".zone"))?.content ?? "";

describe.each(suites)("Knot on %s", (suite) => {
  test("gets the configuration and the zone that a real host of that suite took", async () => {
    const text = filesOf([secondary, primary], suite)
      .map(
        ({ path, owner, group, mode, content }) =>
          `==> ${path} ${owner}:${group} ${mode.toString(8)}\n${content}`,
      )
      .join("\n");
    await expect(text).toMatchFileSnapshot(`../../zones/golden/${suite}.golden`);
  });

  test("shows the secret in the one file that Knot alone reads", () => {
    const holding = filesOf([primary], suite).filter(({ content }) => content.includes("c2VjcmV0"));
    expect(holding).toMatchObject([
      { path: "/etc/knot/mailstead-keys.conf", owner: "knot", mode: 0o600, isSecret: true },
    ]);
  });
});

test("a server that serves no zone has nothing of Knot, and one that was never asked to leaves a foreign one alone", () => {
  const never = renderStack(sampleTarget(), host("trixie"));
  expect([...never.packages, ...never.maskedUnits, ...never.units.map(({ unit }) => unit)]).not.toContain(
    "knot",
  );
  expect(never.maskedUnits).not.toContain("knot.service");
  const once = renderStack(targetWith([]), host("trixie"));
  expect(once.units.map(({ unit }) => unit)).not.toContain("knot.service");
  expect(once.maskedUnits).toContain("knot.service");
});

test("a target state from before there were zones is read as one without", () => {
  const { dns: _, ...old } = sampleTarget();
  expect(targetStateSchema.parse(old).dns).toEqual({ hasServed: false, listenAddresses: [], zones: [] });
});

test("a changed zone is read again without a stop, and only another address takes a restart", () => {
  const stack = renderStack(targetWith([primary]), host("trixie"));
  const observed = (files: readonly { path: string; content: string }[]) => ({
    packages: Object.fromEntries(stack.packages.map((name) => [name, "1"])),
    systemUsers: stack.systemUsers.map(({ name }) => name),
    folders: Object.fromEntries(stack.folders.map(({ path, ...folder }) => [path, folder])),
    files: Object.fromEntries(
      stack.files.map((file) => {
        const content = files.find(({ path }) => path === file.path)?.content ?? file.content;
        return [file.path, { ...file, content, digest: content, lastAppliedDigest: content }];
      }),
    ),
    dkimKeyPaths: stack.dkimKeys.map(({ path }) => path),
    signingKeyPaths: [],
    tlsRequestPaths: [],
    certificateLinks: {},
    hasCertificate: true,
    certificateHostname: stack.certificate.hostname,
    hasDirectoryDatabase: true,
    hostname: stack.certificate.hostname,
    units: Object.fromEntries(
      stack.units.map(({ unit }) => [unit, { isActive: true, isEnabled: true, isMasked: false }]),
    ),
  });
  const stepsFrom = (before: ReturnType<typeof targetWith>) =>
    planConverge(stack, observed(renderStack(before, host("trixie")).files), {
      driftPolicy: "ask",
      revertsDrift: false,
    }).steps;
  expect(stepsFrom(targetWith([{ ...primary, records: [] }]))).toMatchObject([
    {
      kind: "apply-files",
      service: "knot",
      activation: "reload",
      writes: [{ path: "/etc/knot/mailstead-zones/alpha.example.zone" }],
    },
  ]);
  expect(stepsFrom(targetWith([primary], { listenAddresses: ["198.51.100.99"] }))).toMatchObject([
    { kind: "apply-files", service: "knot", activation: "restart" },
  ]);
});

const label = fc.stringMatching(/^[a-z0-9_]{1,20}$/);

test("no text leaves its line, whatever it says", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 900 }), label, (value, name) => {
      const records = [{ name: `${name}.alpha.example`, type: "TXT", ttlSeconds: 300, value }];
      const parsed = targetStateSchema.shape.dns.safeParse({
        hasServed: true,
        listenAddresses: ["198.51.100.11"],
        zones: [{ ...primary, records }],
      });
      if (!parsed.success) return;
      const lines = zoneText(records).trimEnd().split("\n");
      // The notice, SOA, two NS, two addresses of ns1 and the record.
      expect(lines).toHaveLength(7);
      const own = lines.find((line) => line.startsWith(`${name}.alpha.example. 300 IN TXT `)) ?? "";
      expect(own).toMatch(/ IN TXT ("([\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]|\\\d{3})*" ?)+$/);
      const octets = [...own.slice(own.indexOf('"')).matchAll(/"((?:[^"\\]|\\\d{3}|\\.)*)"/g)].map(
        ([, text = ""]) =>
          text.replace(/\\(\d{3}|.)/g, (_, escaped: string) =>
            escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
          ),
      );
      for (const part of octets) expect(part.length).toBeLessThanOrEqual(255);
      expect(Buffer.from(octets.join(""), "latin1").toString("utf8")).toBe(value);
    }),
  );
});

test("no value of any other type leaves its line or is taken for another record", () => {
  const types = ["A", "AAAA", "CAA", "CNAME", "DS", "MX", "NS", "PTR", "SRV", "SSHFP", "TLSA"] as const;
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.constantFrom("10 ", "0 1 993 ", "3 1 1 ", "1.2.3.4", '0 issue "', "ns.", ""), fc.string())
      .map(([start, rest]) => `${start}${rest}`),
    fc.constantFrom("a\nb", "a ; b", "( a", "$INCLUDE /etc/shadow", '0 issue "a" "b"', "@", "a\\010b", "\ta"),
  );
  fc.assert(
    fc.property(fc.constantFrom(...types), hostile, label, (type, value, name) => {
      const records = [{ name: `${name}.alpha.example`, type, ttlSeconds: 300, value }];
      let text: string;
      try {
        text = zoneText(records);
      } catch {
        return;
      }
      const lines = text.trimEnd().split("\n");
      expect(lines).toHaveLength(7);
      expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      expect(text.replaceAll("\n; Written", "\n")).not.toMatch(/[()$@]/);
      for (const line of lines.slice(1)) expect(line.replace(/"[^"]*"/g, "")).not.toContain(";");
    }),
  );
});

test.each([
  ["www.other.example", "A", "198.51.100.1", /does not lie in the zone alpha\.example/],
  ["alpha.example", "NS", "ns9.alpha.example", /name servers of alpha\.example itself are kept by Mailstead/],
  ["alpha.example", "CNAME", "a.example", /beside an alias nothing else may stand|cannot be an alias/],
  [
    "mail.alpha.example",
    "CNAME",
    "a.example",
    /beside an alias \(CNAME\)?|beside an alias nothing else may stand/,
  ],
  [
    "ns1.alpha.example",
    "A",
    "198.51.100.77",
    /is a name server of alpha\.example, whose addresses Mailstead keeps/,
  ],
  ["ns1.alpha.example", "CNAME", "a.example", /must not be an alias/],
  ["x.dept.alpha.example", "TXT", "hidden", /dept\.alpha\.example is delegated to other name servers/],
  ["dept.alpha.example", "MX", "10 a.example", /is delegated to other name servers/],
  ["lone.alpha.example", "DS", `1 13 2 ${"ab".repeat(32)}`, /not delegated here/],
])("refuses %s %s with a sentence", (name, type, value, sentence) => {
  const records = [...primary.records, { name, type, ttlSeconds: 3600, value }];
  expect(() => filesOf([{ ...primary, records }])).toThrow(RenderError);
  expect(() => filesOf([{ ...primary, records }])).toThrow(sentence);
});
