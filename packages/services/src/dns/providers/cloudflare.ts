import {
  canonicalName,
  canonicalValue,
  type RecordSet,
  recordData,
  type SetChange,
  valueOfData,
} from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { joinToSets } from "./record-lists.ts";

const pageInfo = z.object({ page: z.number(), total_pages: z.number() });
const zoneListSchema = z.object({
  result: z.array(z.object({ id: z.string(), name: z.string() })),
  result_info: pageInfo,
});
const recordSchema = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  content: z.string().default(""),
  proxied: z.boolean().nullish(),
  ttl: z.number(),
  priority: z.number().nullish(),
  data: z.record(z.string(), z.unknown()).nullish(),
});
const recordListSchema = z.object({ result: z.array(recordSchema), result_info: pageInfo });
const errorSchema = z.object({ errors: z.array(z.object({ code: z.number(), message: z.string() })) });
type CloudflareRecord = z.output<typeof recordSchema>;

/** Codes by which Cloudflare says that the token is no token of its, whatever the status. */
const badTokenCodes = [1000, 6003, 6111];
/** Codes by which it says that a token may not do this; of one that was withdrawn it says the same. */
const noRightCodes = [9109, 10000];
// "1" means that Cloudflare chooses; what it answers with then is five minutes.
const automaticTtl = 1;
const automaticTtlSeconds = 300;

/** Cloudflare's API, version 4. One batch is taken whole or not at all, and touches single records. */
export function openCloudflare(options: TokenOptions): DnsProvider {
  return new CloudflareProvider(options);
}

class CloudflareProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ token, baseUrl = "https://api.cloudflare.com/client/v4" }: TokenOptions) {
    this.#api = new HttpApi({
      provider: "Cloudflare",
      baseUrl,
      secrets: [token],
      authorize: () => ({ authorization: `Bearer ${token}` }),
      explain: (body) => errorSchema.safeParse(body).data?.errors[0]?.message ?? null,
      problemOf: ({ body }) => {
        const codes = errorSchema.safeParse(body).data?.errors.map(({ code }) => code) ?? [];
        if (codes.some((code) => badTokenCodes.includes(code))) return "bad-credentials";
        return codes.some((code) => noRightCodes.includes(code)) ? "not-allowed" : null;
      },
    });
  }

  listZones(): Promise<ProviderZone[]> {
    return allPages("Cloudflare", async (page) => {
      const answer = await this.#api.json("GET", `/zones?per_page=50&page=${page}`, {
        schema: zoneListSchema,
      });
      return {
        items: answer.result.map(({ id, name }) => ({ id, name: canonicalName(name) })),
        isLast: page >= answer.result_info.total_pages,
      };
    });
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const records = await this.#records(zone, names);
    return joinToSets(
      records.map((record) => ({
        name: record.name,
        type: record.type,
        ttlSeconds: record.ttl === automaticTtl ? automaticTtlSeconds : record.ttl,
        value: valueIn(record),
      })),
      names,
    );
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = await this.#records(
      zone,
      changes.map(({ name }) => name),
    );
    const deletes = changes.flatMap(({ name, type, before, after }) => {
      const gone = before.filter((value) => !after.includes(value));
      return standing
        .filter((one) => canonicalName(one.name) === name && one.type === type && gone.includes(valueIn(one)))
        .map(({ id }) => ({ id }));
    });
    const posts = changes.flatMap(({ name, type, before, after, ttlSeconds }) =>
      after
        .filter((value) => !before.includes(value))
        .map((value) => ({ name, type, ttl: ttlSeconds, ...contentOf(type, value) })),
    );
    await this.#api.text("POST", `/zones/${zone.id}/dns_records/batch`, { body: { deletes, posts } });
  }

  async #records(zone: ProviderZone, names: readonly string[]): Promise<CloudflareRecord[]> {
    const all: CloudflareRecord[] = [];
    for (const name of new Set(names)) {
      const path = `/zones/${zone.id}/dns_records?name.exact=${encodeURIComponent(name)}&per_page=100`;
      const records = await allPages("Cloudflare", async (page) => {
        const answer = await this.#api.json("GET", `${path}&page=${page}`, { schema: recordListSchema });
        return { items: answer.result, isLast: page >= answer.result_info.total_pages };
      });
      all.push(...records.filter((record) => canonicalName(record.name) === name));
    }
    return all;
  }
}

function valueIn({ type, content, priority, data, proxied }: CloudflareRecord): string {
  const field = (name: string) => String(data?.[name] ?? "");
  // The world sees Cloudflare's own addresses then, so it is not the record that mail needs.
  if (proxied === true) return `${canonicalValue(type, content)} behind Cloudflare's proxy`;
  switch (type) {
    case "TXT":
      // Records from before Cloudflare asked for quotes stand without them.
      return content.startsWith('"') ? valueOfData(type, content) : content;
    case "MX":
      return canonicalValue(type, `${priority ?? 0} ${content}`);
    case "SRV":
      return canonicalValue(
        type,
        `${field("priority")} ${field("weight")} ${field("port")} ${field("target")}`,
      );
    case "CAA":
      return canonicalValue(type, `${field("flags")} ${field("tag")} "${field("value")}"`);
    case "TLSA":
      return canonicalValue(
        type,
        `${field("usage")} ${field("selector")} ${field("matching_type")} ${field("certificate")}`,
      );
    case "SSHFP":
      return canonicalValue(type, `${field("algorithm")} ${field("type")} ${field("fingerprint")}`);
    default:
      return canonicalValue(type, content);
  }
}

function contentOf(type: string, value: string): Record<string, unknown> {
  const fields = value.split(" ");
  const number = (at: number) => Number(fields[at]);
  switch (type) {
    case "TXT":
      return { content: recordData(type, value) };
    case "MX":
      return { content: fields[1], priority: number(0) };
    case "SRV":
      return { data: { priority: number(0), weight: number(1), port: number(2), target: fields[3] } };
    case "CAA": {
      const [, flags, tag, text] = /^(\d+) (\S+) "(.*)"$/s.exec(value) ?? [];
      return { data: { flags: Number(flags), tag, value: text } };
    }
    case "TLSA":
      return {
        data: { usage: number(0), selector: number(1), matching_type: number(2), certificate: fields[3] },
      };
    case "SSHFP":
      return { data: { algorithm: number(0), type: number(1), fingerprint: fields[2] } };
    case "A":
    case "AAAA":
    case "CNAME":
      // A proxied name would lead mail to Cloudflare.
      return { content: value, proxied: false };
    case "NS":
    case "PTR":
      return { content: value };
    default:
      throw new DnsProviderError(
        "rejected",
        `Records of the type ${type} cannot be published at Cloudflare.`,
      );
  }
}
