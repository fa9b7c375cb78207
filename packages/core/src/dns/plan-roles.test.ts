import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mtaStsPolicy } from "./mta-sts-policy.ts";
import { spfToFlatten } from "./plan-domain-records.ts";
import { planRecords } from "./plan-records.ts";
import type { PlannedRecord, RecordPurpose } from "./planned-record.ts";
import type { PlannedServer, RecordPlanInput, ServerRole } from "./record-plan-input.ts";
import { zoneFileLine } from "./record-text.ts";

const server = (hostname: string, changed: Partial<PlannedServer> = {}): PlannedServer => ({
  hostname,
  ipAddresses: [],
  ...changed,
});

function plan(changed: Partial<RecordPlanInput> = {}): PlannedRecord[] {
  return planRecords({ domain: "a.example", servers: [server("mx1.a.example")], dkimKeys: [], ...changed });
}

const linesOf = (records: readonly PlannedRecord[], ...purposes: RecordPurpose[]) =>
  records.filter(({ purpose }) => purposes.includes(purpose)).map(zoneFileLine);

describe("servers of one domain are planned as one", () => {
  const records = plan({
    servers: [
      server("backup.b.example", { role: "backup-mx" }),
      server("out1.a.example", { role: "outbound" }),
      server("mx1.a.example"),
      server("mx2.a.example", { role: "mx" }),
    ],
  });

  it("mail is spread over the main servers, a backup is asked after them, and a server that only sends gets no MX", () => {
    expect(linesOf(records, "mx", "backup-mx")).toEqual([
      "a.example. IN MX 10 mx1.a.example.",
      "a.example. IN MX 10 mx2.a.example.",
      "a.example. IN MX 20 backup.b.example.",
    ]);
  });

  it("one SPF record lets all of them send", () => {
    expect(linesOf(records, "spf")).toEqual(['a.example. IN TXT "v=spf1 mx a:out1.a.example -all"']);
  });

  it("programs are led to the server that holds the mailboxes", () => {
    expect(linesOf(records, "srv")).toEqual([
      "_imaps._tcp.a.example. IN SRV 0 1 993 mx1.a.example.",
      "_submissions._tcp.a.example. IN SRV 0 1 465 mx1.a.example.",
      "_submission._tcp.a.example. IN SRV 0 1 587 mx1.a.example.",
      "_sieve._tcp.a.example. IN SRV 0 1 4190 mx1.a.example.",
    ]);
  });

  it("without a server that receives, mail goes where it went, and only who sends is planned", () => {
    const sending = plan({ servers: [server("out1.a.example", { role: "outbound" })] });
    expect(linesOf(sending, "mx", "backup-mx", "srv", "spf")).toEqual([
      'a.example. IN TXT "v=spf1 a:out1.a.example -all"',
    ]);
  });

  const role = fc.constantFrom<ServerRole>("mx", "backup-mx", "outbound");
  it("whatever the roles: one SPF record, no MX for who only sends, and no backup before a main server", () => {
    fc.assert(
      fc.property(fc.array(role, { maxLength: 8 }), (roles) => {
        const servers = roles.map((one, index) => server(`s${index}.a.example`, { role: one }));
        const planned = plan({ servers });
        expect(linesOf(planned, "spf")).toHaveLength(1);
        const preferences = (purpose: RecordPurpose) =>
          planned.filter((one) => one.purpose === purpose).map(({ value }) => Number.parseInt(value, 10));
        expect([...preferences("mx"), ...preferences("backup-mx")]).toHaveLength(
          roles.filter((one) => one !== "outbound").length,
        );
        expect(Math.max(0, ...preferences("mx"))).toBeLessThan(
          Math.min(Number.POSITIVE_INFINITY, ...preferences("backup-mx")),
        );
      }),
    );
  });
});

describe("what would not work is told before it is published", () => {
  it("an MX host that does not know the domain yet", () => {
    const servers = [
      server("mx1.a.example"),
      server("backup.b.example", { role: "backup-mx", isReady: false }),
    ];
    const cautions = plan({ servers }).flatMap(({ caution = [] }) => caution);
    expect(cautions).toEqual([expect.stringMatching(/^backup\.b\.example does not know a\.example yet/)]);
  });

  it("an SPF record of more look-ups than receivers make", () => {
    const servers = Array.from({ length: 10 }, (_, index) =>
      server(`out${index}.a.example`, { role: "outbound" }),
    );
    const cautionOf = (input: Partial<RecordPlanInput>) =>
      plan(input).find(({ purpose }) => purpose === "spf")?.caution;
    expect(cautionOf({ servers })).toBeUndefined();
    expect(cautionOf({ servers: [server("mx1.a.example"), ...servers] })).toContain("at least 11");
    expect(
      cautionOf({ servers: [server("mx1.a.example"), ...servers], spf: { flattened: "v=spf1 -all" } }),
    ).toBeUndefined();
  });

  it("more MX hosts than SPF looks at", () => {
    const servers = Array.from({ length: 11 }, (_, index) => server(`mx${index}.a.example`));
    expect(plan({ servers }).find(({ purpose }) => purpose === "spf")?.caution).toContain("MX hosts");
  });
});

describe("a host's own records", () => {
  const digest = "AB".repeat(32);

  it("name every key that it has, so that two stand while one follows the other", () => {
    const records = plan({
      servers: [server("mx1.a.example", { tlsKeyDigests: [digest, "cd".repeat(32)], serves: { web: true } })],
    });
    expect(linesOf(records, "tlsa")).toEqual([
      `_25._tcp.mx1.a.example. IN TLSA 3 1 1 ${"ab".repeat(32)}`,
      `_25._tcp.mx1.a.example. IN TLSA 3 1 1 ${"cd".repeat(32)}`,
      `_443._tcp.mx1.a.example. IN TLSA 3 1 1 ${"ab".repeat(32)}`,
      `_443._tcp.mx1.a.example. IN TLSA 3 1 1 ${"cd".repeat(32)}`,
    ]);
  });

  it.each([
    [true, "recommended"],
    [false, "optional"],
  ])("recommend DANE when the zone is signed: %s", (isZoneSigned, level) => {
    const servers = [server("mx1.a.example", { tlsKeyDigests: [digest], isZoneSigned })];
    expect(plan({ servers }).find(({ purpose }) => purpose === "tlsa")?.level).toBe(level);
  });

  it("name its SSH keys and who may issue its certificates", () => {
    const records = plan({
      servers: [
        server("mx1.a.example", {
          sshHostKeys: [{ algorithm: "ed25519", sha256: digest }],
          certificateAuthority: {
            issuer: "letsencrypt.org",
            accountUrl: "https://ca.example/acct/1",
            validationMethods: ["http-01", "dns-01"],
            iodef: "mailto:security@a.example",
          },
        }),
      ],
    });
    expect(linesOf(records, "sshfp", "caa")).toEqual([
      'mx1.a.example. IN CAA 0 issue "letsencrypt.org; accounturi=https://ca.example/acct/1; validationmethods=http-01,dns-01"',
      'mx1.a.example. IN CAA 0 iodef "mailto:security@a.example"',
      `mx1.a.example. IN SSHFP 4 2 ${"ab".repeat(32)}`,
    ]);
  });
});

describe("a record to flatten", () => {
  it("names the domain's own servers by their addresses, which may not be published yet", () => {
    const input: RecordPlanInput = {
      domain: "a.example",
      servers: [
        server("mx1.a.example", { ipAddresses: ["192.0.2.1", "2001:db8::1"] }),
        server("out1.a.example", { role: "outbound", ipAddresses: ["192.0.2.2"] }),
      ],
      dkimKeys: [],
      spf: { includes: ["_spf.news.example"], addresses: ["198.51.100.0/24"] },
    };
    expect(spfToFlatten(input)).toBe(
      "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ip4:192.0.2.2 ip4:198.51.100.0/24 include:_spf.news.example -all",
    );
    expect(spfToFlatten({ ...input, servers: [...input.servers, server("mx2.a.example")] })).toBeNull();
  });

  it("that was flattened takes the place of the planned one, with what there is to say of it", () => {
    const [spf] = plan({
      spf: { flattened: "v=spf1 ip4:192.0.2.1 -all", flatteningNote: "Flattened." },
    }).filter(({ purpose }) => purpose === "spf");
    expect(spf).toMatchObject({
      value: "v=spf1 ip4:192.0.2.1 -all",
      reason: expect.stringMatching(/Flattened\.$/),
    });
  });
});

describe("the domain's policies", () => {
  it("DMARC says a test in the words of both its standards, and hides what has a meaning in addresses", () => {
    const records = plan({
      dmarc: {
        policy: "reject",
        subdomainPolicy: "quarantine",
        nonexistentPolicy: "reject",
        isTesting: true,
        reportsTo: ["a,b!c@a.example", "d@b.example"],
        failureReportsTo: ["f@a.example"],
      },
    });
    expect(records.find(({ purpose }) => purpose === "dmarc")?.value).toBe(
      "v=DMARC1; p=reject; sp=quarantine; np=reject; t=y; pct=0; rua=mailto:a%2Cb%21c@a.example,mailto:d@b.example; ruf=mailto:f@a.example; fo=1",
    );
  });

  const mtaSts = { mode: "enforce", maxAgeSeconds: 86_400 } as const;

  it("MTA-STS, autoconfig and autodiscover are planned only once the host serves them", () => {
    expect(linesOf(plan({ mtaSts }), "mta-sts", "web-name")).toEqual([]);
    const servers = [server("mx1.a.example", { serves: { web: true } }), server("mx2.a.example")];
    const { id } = mtaStsPolicy({ ...mtaSts, mxHosts: ["mx2.a.example", "mx1.a.example"] });
    const records = plan({ mtaSts, servers });
    expect(linesOf(records, "mta-sts", "web-name")).toEqual([
      `_mta-sts.a.example. IN TXT "v=STSv1; id=${id};"`,
      "mta-sts.a.example. IN CNAME mx1.a.example.",
      "autoconfig.a.example. IN CNAME mx1.a.example.",
      "autodiscover.a.example. IN CNAME mx1.a.example.",
    ]);
    expect(linesOf(records, "srv")).toContain("_autodiscover._tcp.a.example. IN SRV 0 1 443 mx1.a.example.");
  });

  it("calendars and contacts are planned where the host serves them", () => {
    const servers = [server("mx1.a.example", { serves: { web: true, calendars: true } })];
    expect(linesOf(plan({ servers }), "srv")).toEqual(
      expect.arrayContaining([
        "_caldavs._tcp.a.example. IN SRV 0 1 443 mx1.a.example.",
        "_carddavs._tcp.a.example. IN SRV 0 1 443 mx1.a.example.",
      ]),
    );
  });

  it("TLS reports and a logo are planned where they are wanted", () => {
    const records = plan({
      tlsReportsTo: ["tls@a.example", "https://reports.example/tls"],
      bimi: { logoUrl: "https://a.example/logo.svg", certificateUrl: "https://a.example/logo.pem" },
    });
    expect(linesOf(records, "tls-rpt", "bimi")).toEqual([
      '_smtp._tls.a.example. IN TXT "v=TLSRPTv1; rua=mailto:tls@a.example,https://reports.example/tls"',
      'default._bimi.a.example. IN TXT "v=BIMI1; l=https://a.example/logo.svg; a=https://a.example/logo.pem"',
    ]);
    expect(linesOf(plan(), "tls-rpt", "bimi")).toEqual([]);
  });
});

describe("a name without mail", () => {
  const lines = (name: string) => [
    `${name}. IN TXT "v=spf1 -all"`,
    `_dmarc.${name}. IN TXT "v=DMARC1; p=reject"`,
    `${name}. IN MX 0 .`,
  ];

  it("says so, for the whole domain and for nothing else", () => {
    expect(plan({ isWithoutMail: true }).map(zoneFileLine)).toEqual(lines("a.example"));
  });

  it("names who gets the reports, the names below, and the keys of mail that is on its way", () => {
    const key = { domain: "a.example", selector: "ms1", algorithm: "ed25519", publicKey: "AAAA" } as const;
    const records = plan({
      isWithoutMail: true,
      servers: [],
      dkimKeys: [{ ...key, standing: "going" }],
      dmarc: { policy: "none", reportsTo: ["d@b.example"], failureReportsTo: ["f@b.example"] },
      namesWithoutMail: ["www.a.example"],
    });
    expect(records.filter(({ purpose }) => purpose !== "dkim").map(zoneFileLine)).toEqual([
      ...lines("a.example").map((line) =>
        line.replace("p=reject", "p=reject; rua=mailto:d@b.example; ruf=mailto:f@b.example; fo=1"),
      ),
      ...lines("www.a.example"),
    ]);
    expect(linesOf(records, "dkim")).toHaveLength(1);
  });

  it("says so beside the domain's own records, unless it is one of its hosts", () => {
    const records = plan({ namesWithoutMail: ["www.a.example", "mx1.a.example", "a.example"] });
    expect(linesOf(records, "no-mail-spf", "no-mail-dmarc", "null-mx")).toEqual(lines("www.a.example"));
  });
});

it("every record says in words why it is wanted and what happens without it", () => {
  const records = plan({
    servers: [
      server("mx1.a.example", {
        ipAddresses: ["192.0.2.1"],
        serves: { web: true, calendars: true },
        tlsKeyDigests: ["ab"],
      }),
    ],
    mtaSts: { mode: "testing", maxAgeSeconds: 86_400 },
    namesWithoutMail: ["www.a.example"],
  });
  for (const record of records) {
    expect(record.reason).toMatch(/^[A-Z].*\.$/);
    expect(record.withoutIt).toMatch(/^[A-Z].*\.$/);
  }
});
