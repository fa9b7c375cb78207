import type { ProviderKind, ProviderSettings, RecordSet, SetChange } from "@mailstead/core/publishing";
import { TestApi } from "./api.fixture.ts";
import { openProvider } from "./open-provider.ts";
import type { DnsProvider, ProviderZone } from "./provider.ts";

export const secret = "the-credentials";
export const now = new Date("2026-11-20T12:00:00Z");
export type HttpProviderKind = Exclude<ProviderKind, "rfc2136">;

/** A server that speaks as the providers do, and the providers' adapters that ask it. */
export class ProviderApi {
  readonly api = new TestApi();
  url = "";

  async start(): Promise<void> {
    this.url = await this.api.start();
  }

  stop(): void {
    this.api.stop();
  }

  open(kind: HttpProviderKind, url = this.url): DnsProvider {
    return openProvider(settingsOf(kind, url), { now: () => now, baseUrls: { [kind]: url } });
  }
}

function settingsOf(kind: HttpProviderKind, url: string): ProviderSettings {
  switch (kind) {
    case "powerdns":
      return { provider: kind, url, apiKey: secret, serverId: "localhost" };
    case "route53":
      return { provider: kind, accessKeyId: "AKID", secretAccessKey: secret };
    case "ovh":
      return {
        provider: kind,
        region: "eu",
        applicationKey: "app",
        applicationSecret: secret,
        consumerKey: "consumer",
      };
    default:
      return { provider: kind, token: secret };
  }
}

/** What every provider is asked to do: a text beside a foreign one, and another mail host in place of ours. */
export const zoneName = "alpha.example";
export const sets: RecordSet[] = [
  { name: zoneName, type: "TXT", ttlSeconds: 3600, values: ['site="1"'] },
  { name: zoneName, type: "MX", ttlSeconds: 3600, values: ["10 old.alpha.example"] },
];
export const change = (type: string, before: string[], after: string[]): SetChange => ({
  name: zoneName,
  type,
  ttlSeconds: 3600,
  before,
  after,
  added: after.filter((value) => !before.includes(value)),
  removed: before.filter((value) => !after.includes(value)),
  replaced: [],
});
export const changes = [
  change("TXT", ['site="1"'], ['site="1"', "v=spf1 mx -all"]),
  change("MX", ["10 old.alpha.example"], ["10 new.alpha.example"]),
];

export interface Conversation {
  zone: ProviderZone;
  /** Header that shows the credentials. */
  shows: [string, string | RegExp];
  /** What the API answers to what is read. */
  reads: Record<string, unknown>;
  /** The requests by which the changes are made. */
  writes: [string, unknown][];
}

export const sitePiece = '"site=\\"1\\""';
export const page = { page: 1, total_pages: 1 };
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
export const awsChange = (action: string, type: string, values: string[]) =>
  `<Change><Action>${action}</Action><ResourceRecordSet><Name>alpha.example.</Name><Type>${type}</Type><TTL>3600</TTL><ResourceRecords>${values.map((value) => `<ResourceRecord><Value>${escapedXml(value)}</Value></ResourceRecord>`).join("")}</ResourceRecords></ResourceRecordSet></Change>`;
export const oceanRecords = {
  domain_records: [
    { id: 1, type: "TXT", name: "@", data: 'site="1"', ttl: 3600 },
    { id: 2, type: "MX", name: "@", data: "old.alpha.example", priority: 10, ttl: 3600 },
  ],
};

export const conversations: Record<HttpProviderKind, Conversation> = {
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
              changetype: "PRUNE",
              records: [{ content: "10 old.alpha.example.", disabled: false }],
            },
            {
              name: "alpha.example.",
              type: "MX",
              ttl: 3600,
              changetype: "EXTEND",
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
        "PUT /domains/alpha.example/records/2",
        { name: "@", type: "MX", ttl: 3600, data: "new.alpha.example.", priority: 10 },
      ],
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
      ["POST /zones/42/rrsets/@/MX/actions/set_records", { records: [{ value: "10 new.alpha.example." }] }],
    ],
  },
  desec: {
    zone: { id: zoneName, name: zoneName },
    shows: ["authorization", `Token ${secret}`],
    reads: {
      "GET /domains/?cursor=": [{ name: zoneName, minimum_ttl: 3600 }],
      "GET /domains/alpha.example/rrsets/?cursor=": [
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
      "GET /auth/time": Math.floor(now.getTime() / 1000) + 30,
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
        "PUT /domain/zone/alpha.example/record/2",
        { subDomain: "", target: "10 new.alpha.example.", ttl: 3600 },
      ],
      ["POST /domain/zone/alpha.example/refresh", ""],
    ],
  },
};
