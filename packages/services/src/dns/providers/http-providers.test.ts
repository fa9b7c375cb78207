import { createHash } from "node:crypto";
import type { ProviderKind, ProviderSettings, RecordSet, SetChange } from "@mailstead/core/publishing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestApi } from "./api.fixture.ts";
import { openProvider } from "./open-provider.ts";
import type { ProviderZone } from "./provider.ts";

const secret = "the-credentials";
const now = new Date("2026-11-20T12:00:00Z");
const unixS = String(Math.floor(now.getTime() / 1000));
const api = new TestApi();
let url: string;
beforeAll(async () => {
  url = await api.start();
});
afterAll(() => api.stop());

const settingsOf: Record<Exclude<ProviderKind, "rfc2136">, () => ProviderSettings> = {
  powerdns: () => ({ provider: "powerdns", url, apiKey: secret, serverId: "localhost" }),
  cloudflare: () => ({ provider: "cloudflare", token: secret }),
  route53: () => ({ provider: "route53", accessKeyId: "AKID", secretAccessKey: secret }),
  digitalocean: () => ({ provider: "digitalocean", token: secret }),
  hetzner: () => ({ provider: "hetzner", token: secret }),
  desec: () => ({ provider: "desec", token: secret }),
  gandi: () => ({ provider: "gandi", token: secret }),
  ovh: () => ({
    provider: "ovh",
    region: "eu",
    applicationKey: "app",
    applicationSecret: secret,
    consumerKey: "consumer",
  }),
};
const kinds = Object.keys(settingsOf) as (keyof typeof settingsOf)[];
const open = (kind: keyof typeof settingsOf) =>
  openProvider(settingsOf[kind](), { now: () => now, baseUrls: { [kind]: url } });

/** What every provider is asked to do: a text beside a foreign one, and another mail host in place of ours. */
const zoneName = "alpha.example";
const sets: RecordSet[] = [
  { name: zoneName, type: "TXT", ttlSeconds: 3600, values: ['site="1"'] },
  { name: zoneName, type: "MX", ttlSeconds: 3600, values: ["10 old.alpha.example"] },
];
const change = (type: string, before: string[], after: string[]): SetChange => ({
  name: zoneName,
  type,
  ttlSeconds: 3600,
  before,
  after,
  added: after.filter((value) => !before.includes(value)),
  removed: before.filter((value) => !after.includes(value)),
  replaced: [],
});
const changes = [
  change("TXT", ['site="1"'], ['site="1"', "v=spf1 mx -all"]),
  change("MX", ["10 old.alpha.example"], ["10 new.alpha.example"]),
];

interface Conversation {
  zone: ProviderZone;
  /** Header that shows the credentials. */
  shows: [string, string | RegExp];
  /** What the API answers to what is read. */
  reads: Record<string, unknown>;
  /** The requests by which the changes are made. */
  writes: [string, unknown][];
}

const sitePiece = '"site=\\"1\\""';
const page = { page: 1, total_pages: 1 };
const lastPage = { pagination: { next_page: null } };
const cloudflareRecords = {
  result: [
    { id: "r1", name: zoneName, type: "TXT", content: sitePiece, ttl: 3600 },
    { id: "r2", name: zoneName, type: "MX", content: "old.alpha.example", priority: 10, ttl: 3600 },
  ],
  result_info: page,
};
const awsZones = `<?xml version="1.0"?><ListHostedZonesResponse xmlns="x"><HostedZones><HostedZone><Id>/hostedzone/Z1</Id><Name>alpha.example.</Name><Config><PrivateZone>false</PrivateZone></Config></HostedZone><HostedZone><Id>/hostedzone/Z2</Id><Name>inside.example.</Name><Config><PrivateZone>true</PrivateZone></Config></HostedZone></HostedZones><IsTruncated>false</IsTruncated></ListHostedZonesResponse>`;
const awsSet = (type: string, value: string) =>
  `<ResourceRecordSet><Name>alpha.example.</Name><Type>${type}</Type><TTL>3600</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>`;
const awsSets = `<?xml version="1.0"?><ListResourceRecordSetsResponse xmlns="x"><ResourceRecordSets>${awsSet("TXT", "&quot;site=\\&quot;1\\&quot;&quot;")}${awsSet("MX", "10 old.alpha.example.")}</ResourceRecordSets></ListResourceRecordSetsResponse>`;
const escapedXml = (text: string) => text.replaceAll('"', "&#34;");
const awsChange = (action: string, type: string, values: string[]) =>
  `<Change><Action>${action}</Action><ResourceRecordSet><Name>alpha.example.</Name><Type>${type}</Type><TTL>3600</TTL><ResourceRecords>${values.map((value) => `<ResourceRecord><Value>${escapedXml(value)}</Value></ResourceRecord>`).join("")}</ResourceRecords></ResourceRecordSet></Change>`;
const oceanRecords = {
  domain_records: [
    { id: 1, type: "TXT", name: "@", data: 'site="1"', ttl: 3600 },
    { id: 2, type: "MX", name: "@", data: "old.alpha.example", priority: 10, ttl: 3600 },
  ],
};

const conversations: Record<keyof typeof settingsOf, Conversation> = {
  powerdns: {
    zone: { id: "alpha.example.", name: zoneName },
    shows: ["x-api-key", secret],
    reads: {
      "GET /api/v1/servers/localhost/zones?dnssec=false": [
        { id: "alpha.example.", name: "alpha.example.", kind: "Native" },
        { id: "copy.example.", name: "copy.example.", kind: "Slave" },
      ],
      "GET /api/v1/servers/localhost/zones/alpha.example.?rrset_name=alpha.example.": {
        rrsets: [
          {
            name: "alpha.example.",
            type: "TXT",
            ttl: 3600,
            records: [{ content: sitePiece }, { content: '"off"', disabled: true }],
          },
          { name: "alpha.example.", type: "MX", ttl: 3600, records: [{ content: "10 old.alpha.example." }] },
        ],
      },
    },
    writes: [
      [
        "PATCH /api/v1/servers/localhost/zones/alpha.example.",
        {
          rrsets: [
            {
              name: "alpha.example.",
              type: "TXT",
              ttl: 3600,
              changetype: "REPLACE",
              records: [
                { content: sitePiece, disabled: false },
                { content: '"v=spf1 mx -all"', disabled: false },
                { content: '"off"', disabled: true },
              ],
            },
            {
              name: "alpha.example.",
              type: "MX",
              ttl: 3600,
              changetype: "REPLACE",
              records: [{ content: "10 new.alpha.example.", disabled: false }],
            },
          ],
        },
      ],
    ],
  },
  cloudflare: {
    zone: { id: "z1", name: zoneName },
    shows: ["authorization", `Bearer ${secret}`],
    reads: {
      "GET /zones?per_page=50&page=1": { result: [{ id: "z1", name: zoneName }], result_info: page },
      "GET /zones/z1/dns_records?name.exact=alpha.example&per_page=100&page=1": cloudflareRecords,
    },
    writes: [
      [
        "POST /zones/z1/dns_records/batch",
        {
          deletes: [{ id: "r2" }],
          posts: [
            { name: zoneName, type: "TXT", ttl: 3600, content: '"v=spf1 mx -all"' },
            { name: zoneName, type: "MX", ttl: 3600, content: "new.alpha.example", priority: 10 },
          ],
        },
      ],
    ],
  },
  route53: {
    zone: { id: "Z1", name: zoneName },
    shows: [
      "authorization",
      /^AWS4-HMAC-SHA256 Credential=AKID\/20261120\/us-east-1\/route53\/aws4_request, SignedHeaders=host;x-amz-date, Signature=[0-9a-f]{64}$/,
    ],
    reads: {
      "GET /2013-04-01/hostedzone?maxitems=100": awsZones,
      "GET /2013-04-01/hostedzone/Z1/rrset?name=alpha.example.&maxitems=100": awsSets,
    },
    writes: [
      [
        "POST /2013-04-01/hostedzone/Z1/rrset",
        `<?xml version="1.0" encoding="UTF-8"?>\n<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>${[
          awsChange("DELETE", "TXT", [sitePiece]),
          awsChange("CREATE", "TXT", [sitePiece, '"v=spf1 mx -all"']),
          awsChange("DELETE", "MX", ["10 old.alpha.example."]),
          awsChange("CREATE", "MX", ["10 new.alpha.example."]),
        ].join("")}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
      ],
    ],
  },
  digitalocean: {
    zone: { id: zoneName, name: zoneName },
    shows: ["authorization", `Bearer ${secret}`],
    reads: {
      "GET /domains?per_page=200&page=1": { domains: [{ name: zoneName }] },
      "GET /domains/alpha.example/records?name=alpha.example&per_page=200&page=1": oceanRecords,
    },
    writes: [
      ["POST /domains/alpha.example/records", { name: "@", type: "TXT", ttl: 3600, data: "v=spf1 mx -all" }],
      [
        "POST /domains/alpha.example/records",
        { name: "@", type: "MX", ttl: 3600, data: "new.alpha.example.", priority: 10 },
      ],
      ["DELETE /domains/alpha.example/records/2", ""],
    ],
  },
  hetzner: {
    zone: { id: "42", name: zoneName },
    shows: ["authorization", `Bearer ${secret}`],
    reads: {
      "GET /zones?per_page=50&page=1": {
        zones: [
          { id: 42, name: zoneName, mode: "primary" },
          { id: 43, name: "copy.example", mode: "secondary" },
        ],
        meta: lastPage,
      },
      "GET /zones/42/rrsets?name=@&per_page=50&page=1": {
        rrsets: [
          { name: "@", type: "TXT", ttl: 3600, records: [{ value: sitePiece }] },
          { name: "@", type: "MX", ttl: null, records: [{ value: "10 old.alpha.example." }] },
        ],
        meta: lastPage,
      },
    },
    writes: [
      ["POST /zones/42/rrsets/@/TXT/actions/add_records", { records: [{ value: '"v=spf1 mx -all"' }] }],
      ["POST /zones/42/rrsets/@/MX/actions/add_records", { records: [{ value: "10 new.alpha.example." }] }],
      [
        "POST /zones/42/rrsets/@/MX/actions/remove_records",
        { records: [{ value: "10 old.alpha.example." }] },
      ],
    ],
  },
  desec: {
    zone: { id: zoneName, name: zoneName },
    shows: ["authorization", `Token ${secret}`],
    reads: {
      "GET /domains/": [{ name: zoneName, minimum_ttl: 3600 }],
      "GET /domains/alpha.example/rrsets/?subname=": [
        { subname: "", type: "TXT", ttl: 3600, records: [sitePiece] },
        { subname: "", type: "MX", ttl: 3600, records: ["10 old.alpha.example."] },
        { subname: "www", type: "A", ttl: 3600, records: ["192.0.2.1"] },
      ],
    },
    writes: [
      [
        "PATCH /domains/alpha.example/rrsets/",
        [
          { subname: "", type: "TXT", ttl: 3600, records: [sitePiece, '"v=spf1 mx -all"'] },
          { subname: "", type: "MX", ttl: 3600, records: ["10 new.alpha.example."] },
        ],
      ],
    ],
  },
  gandi: {
    zone: { id: zoneName, name: zoneName },
    shows: ["authorization", `Bearer ${secret}`],
    reads: {
      "GET /domains?per_page=100&page=1": [{ fqdn: zoneName }],
      "GET /domains/alpha.example/records/@": [
        { rrset_type: "TXT", rrset_ttl: 3600, rrset_values: [sitePiece] },
        { rrset_type: "MX", rrset_ttl: 3600, rrset_values: ["10 old.alpha.example."] },
      ],
    },
    writes: [
      [
        "PUT /domains/alpha.example/records/@/TXT",
        { rrset_ttl: 3600, rrset_values: [sitePiece, '"v=spf1 mx -all"'] },
      ],
      [
        "PUT /domains/alpha.example/records/@/MX",
        { rrset_ttl: 3600, rrset_values: ["10 new.alpha.example."] },
      ],
    ],
  },
  ovh: {
    zone: { id: zoneName, name: zoneName },
    shows: ["x-ovh-signature", /^\$1\$[0-9a-f]{40}$/],
    reads: {
      "GET /auth/time": Number(unixS) + 30,
      "GET /domain/zone": [zoneName],
      "GET /domain/zone/alpha.example/record?subDomain=": [1, 2, 3],
      "GET /domain/zone/alpha.example/record/1": {
        id: 1,
        fieldType: "TXT",
        subDomain: "",
        target: sitePiece,
        ttl: 3600,
      },
      "GET /domain/zone/alpha.example/record/2": {
        id: 2,
        fieldType: "MX",
        subDomain: "",
        target: "10 old.alpha.example.",
        ttl: 0,
      },
      "GET /domain/zone/alpha.example/record/3": {
        id: 3,
        fieldType: "A",
        subDomain: "www",
        target: "192.0.2.1",
        ttl: 0,
      },
    },
    writes: [
      [
        "POST /domain/zone/alpha.example/record",
        { fieldType: "TXT", subDomain: "", target: '"v=spf1 mx -all"', ttl: 3600 },
      ],
      [
        "POST /domain/zone/alpha.example/record",
        { fieldType: "MX", subDomain: "", target: "10 new.alpha.example.", ttl: 3600 },
      ],
      ["DELETE /domain/zone/alpha.example/record/2", ""],
      ["POST /domain/zone/alpha.example/refresh", ""],
    ],
  },
};

describe.each(kinds)("%s", (kind) => {
  const { zone, shows, reads, writes } = conversations[kind];
  const answerAll = () =>
    api.answer(({ method, path }) => {
      if (method !== "GET") return { body: { action: { status: "success" } } };
      const body = reads[`GET ${path}`];
      return body === undefined ? undefined : { body };
    });

  it("lists the zones that it may change, and shows the credentials as the API asks", async () => {
    answerAll();
    expect(await open(kind).listZones()).toEqual([zone]);
    expect(api.requests.at(-1)?.headers[shows[0]]).toMatch(shows[1]);
  });

  it("reads the sets of a name as values", async () => {
    answerAll();
    const found = await open(kind).readSets(zone, [zoneName]);
    expect(found).toHaveLength(sets.length);
    expect(found).toEqual(expect.arrayContaining(sets));
  });

  it("writes what the changes say, in the shapes of the API", async () => {
    answerAll();
    await open(kind).writeSets(zone, changes);
    expect(api.changes()).toEqual(writes);
  });

  it.each([
    [401, "bad-credentials", "permanent"],
    [403, "not-allowed", "permanent"],
    [404, "zone-not-found", "permanent"],
    [400, "rejected", "permanent"],
    [429, "rate-limited", "temporary"],
    [500, "provider-failed", "temporary"],
    [503, "provider-failed", "temporary"],
  ] as const)("an answer %i is told as %s, which is %s", async (status, problem, retry) => {
    api.answer(() => ({ status, headers: { "retry-after": "7" }, body: { message: `no ${secret}` } }));
    const error = await open(kind)
      .listZones()
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ problem, kind: retry, retryAfterMs: 7000 });
    expect(String(error)).not.toContain(secret);
  });

  it.each([
    ["no JSON and no XML", "<html>busy</html>"],
    ["another shape", { unexpected: true }],
    ["nothing", ""],
    ["more than anybody sends", "x".repeat(9 * 1024 * 1024)],
  ])("an answer that is %s is unreadable, which is temporary", async (_, body) => {
    api.answer(() => ({ body }));
    await expect(open(kind).listZones()).rejects.toMatchObject({ problem: "unreadable", kind: "temporary" });
  });

  it("a redirect is not followed, because the credentials would go with it", async () => {
    api.answer(({ path }) =>
      path === "/elsewhere" ? { body: [] } : { status: 302, headers: { location: `${url}/elsewhere` } },
    );
    await expect(open(kind).listZones()).rejects.toMatchObject({ problem: "rejected" });
    expect(api.requests.map(({ path }) => path)).not.toContain("/elsewhere");
  });

  it("a host that is not there is unreachable", async () => {
    const provider = openProvider(
      kind === "powerdns"
        ? ({ ...settingsOf.powerdns(), url: "http://127.0.0.1:1" } as ProviderSettings)
        : settingsOf[kind](),
      { now: () => now, baseUrls: { [kind]: "http://127.0.0.1:1" } },
    );
    await expect(provider.listZones()).rejects.toMatchObject({ problem: "unreachable", kind: "temporary" });
  });
});

describe("what is peculiar to one provider", () => {
  const { zone: awsZone } = conversations.route53;

  it("Cloudflare: a token that is none is told as such, whatever the status", async () => {
    api.answer(() => ({
      status: 400,
      body: { success: false, errors: [{ code: 6003, message: "Invalid request headers" }] },
    }));
    await expect(open("cloudflare").listZones()).rejects.toMatchObject({ problem: "bad-credentials" });
  });

  it("Cloudflare: fields of SRV, CAA, TLSA and SSHFP go as data, and addresses are not proxied", async () => {
    api.answerByPath({
      "GET /zones/z1/dns_records?name.exact=alpha.example&per_page=100&page=1": {
        result: [],
        result_info: page,
      },
      "POST /zones/z1/dns_records/batch": {},
    });
    await open("cloudflare").writeSets({ id: "z1", name: zoneName }, [
      change("SRV", [], ["0 1 993 mail.alpha.example"]),
      change("CAA", [], ['0 issue "ca.example"']),
      change("TLSA", [], ["3 1 1 abcd"]),
      change("SSHFP", [], ["4 2 abcd"]),
      change("A", [], ["192.0.2.1"]),
    ]);
    expect(api.changes()[0]?.[1]).toMatchObject({
      posts: [
        { type: "SRV", data: { priority: 0, weight: 1, port: 993, target: "mail.alpha.example" } },
        { type: "CAA", data: { flags: 0, tag: "issue", value: "ca.example" } },
        { type: "TLSA", data: { usage: 3, selector: 1, matching_type: 1, certificate: "abcd" } },
        { type: "SSHFP", data: { algorithm: 4, type: 2, fingerprint: "abcd" } },
        { type: "A", content: "192.0.2.1", proxied: false },
      ],
    });
  });

  it("Route 53: an alias is a value of somebody else's, and is never changed", async () => {
    const alias = `<ListResourceRecordSetsResponse><ResourceRecordSet><Name>alpha.example.</Name><Type>A</Type><AliasTarget><HostedZoneId>Z9</HostedZoneId><DNSName>lb.aws.example.</DNSName></AliasTarget></ResourceRecordSet></ListResourceRecordSetsResponse>`;
    api.answerByPath({ "GET /2013-04-01/hostedzone/Z1/rrset?name=alpha.example.&maxitems=100": alias });
    const provider = open("route53");
    expect(await provider.readSets(awsZone, [zoneName])).toMatchObject([
      { type: "A", values: ["an alias of lb.aws.example"] },
    ]);
    await expect(
      provider.writeSets(awsZone, [change("A", ["an alias of lb.aws.example"], ["192.0.2.1"])]),
    ).rejects.toMatchObject({ problem: "rejected" });
    expect(api.changes()).toEqual([]);
  });

  it.each([
    ["SignatureDoesNotMatch", "Signature expired: 20261120T120000Z is now earlier", 403, "clock-skew"],
    ["SignatureDoesNotMatch", "The request signature we calculated does not match", 403, "bad-credentials"],
    ["AccessDenied", "User is not authorized", 403, "not-allowed"],
    ["Throttling", "Rate exceeded", 400, "rate-limited"],
    [
      "InvalidChangeBatch",
      "Tried to delete resource record set but it was not found",
      400,
      "changed-meanwhile",
    ],
    ["InvalidChangeBatch", "Invalid Resource Record", 400, "rejected"],
  ] as const)("Route 53: %s (%s) is told as what it is", async (code, message, status, problem) => {
    api.answer(() => ({
      status,
      body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
    }));
    await expect(open("route53").listZones()).rejects.toMatchObject({ problem });
  });

  it("DigitalOcean: what it has no records for is rejected before anything is written", async () => {
    api.answerByPath({
      "GET /domains/alpha.example/records?name=alpha.example&per_page=200&page=1": oceanRecords,
    });
    const { zone } = conversations.digitalocean;
    await expect(
      open("digitalocean").writeSets(zone, [...changes, change("TLSA", [], ["3 1 1 abcd"])]),
    ).rejects.toMatchObject({ problem: "rejected", message: expect.stringContaining("TLSA") });
    expect(api.changes()).toEqual([]);
  });

  it("Hetzner: an action that ends in an error is a failure, though the request was taken", async () => {
    api.answer(() => ({ body: { action: { status: "error", error: { message: "zone is locked" } } } }));
    await expect(open("hetzner").writeSets(conversations.hetzner.zone, changes)).rejects.toMatchObject({
      problem: "provider-failed",
      message: expect.stringContaining("zone is locked"),
    });
  });

  it("Gandi: a name without records is told from a zone that is not there", async () => {
    const { zone } = conversations.gandi;
    api.answerByPath({ "GET /domains/alpha.example": { fqdn: zoneName } });
    expect(await open("gandi").readSets(zone, ["new.alpha.example"])).toEqual([]);
    api.answerByPath({});
    await expect(open("gandi").readSets(zone, ["new.alpha.example"])).rejects.toMatchObject({
      problem: "zone-not-found",
    });
  });

  it("OVHcloud: requests are signed with OVH's own time", async () => {
    api.answerByPath(conversations.ovh.reads);
    await open("ovh").listZones();
    const asked = api.requests.at(-1);
    const theirs = String(Number(unixS) + 30);
    expect(asked?.headers).toMatchObject({
      "x-ovh-application": "app",
      "x-ovh-consumer": "consumer",
      "x-ovh-timestamp": theirs,
      "x-ovh-signature": `$1$${createHash("sha1")
        .update(`${secret}+consumer+GET+${url}/domain/zone++${theirs}`)
        .digest("hex")}`,
    });
  });

  it("OVHcloud: the zone is refreshed after half a success, so that list and DNS agree", async () => {
    let posts = 0;
    api.answer(({ method, path }) => {
      const body = conversations.ovh.reads[`${method} ${path}`];
      if (body !== undefined) return { body };
      if (path.endsWith("/refresh")) return {};
      posts += 1;
      return posts > 1 ? { status: 500, body: { message: "down" } } : {};
    });
    await expect(open("ovh").writeSets(conversations.ovh.zone, changes)).rejects.toMatchObject({
      problem: "provider-failed",
    });
    expect(api.changes().at(-1)?.[0]).toBe("POST /domain/zone/alpha.example/refresh");
  });
});
