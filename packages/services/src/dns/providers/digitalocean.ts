import {
  canonicalName,
  canonicalValue,
  type RecordSet,
  type RecordValue,
  type SetChange,
} from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { absoluteName, joinToSets, nameInZone, recordChanges } from "./record-lists.ts";

const links = z.object({ pages: z.object({ next: z.string().optional() }).optional() }).optional();
const zoneListSchema = z.object({ domains: z.array(z.object({ name: z.string() })), links });
const recordSchema = z.object({
  id: z.number(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  priority: z.number().nullish(),
  port: z.number().nullish(),
  weight: z.number().nullish(),
  flags: z.number().nullish(),
  tag: z.string().nullish(),
  ttl: z.number(),
});
const recordListSchema = z.object({ domain_records: z.array(recordSchema), links });
const errorSchema = z.object({ message: z.string() });
type OceanRecord = z.output<typeof recordSchema>;

const caaNamePattern = /^\d+ \S+ "[a-z0-9.-]+"$/i;

const namedTypes = ["CNAME", "MX", "NS", "SRV"];

/** DigitalOcean's API, version 2. Each record is written by itself, so a failure can leave a part. */
export function openDigitalOcean(options: TokenOptions): DnsProvider {
  return new DigitalOceanProvider(options);
}

class DigitalOceanProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ token, baseUrl = "https://api.digitalocean.com/v2" }: TokenOptions) {
    this.#api = new HttpApi({
      provider: "DigitalOcean",
      baseUrl,
      secrets: [token],
      authorize: () => ({ authorization: `Bearer ${token}` }),
      explain: (body) => errorSchema.safeParse(body).data?.message ?? null,
    });
  }

  /** It knows neither TLSA nor SSHFP, and of a CAA record nothing but the authority's name. */
  canHold({ type, value }: Pick<RecordValue, "type" | "value">): boolean {
    if (type === "CAA") return / iodef "/.test(value) || caaNamePattern.test(value);
    return type !== "TLSA" && type !== "SSHFP";
  }

  listZones(): Promise<ProviderZone[]> {
    return allPages("DigitalOcean", async (page) => {
      const answer = await this.#api.json("GET", `/domains?per_page=200&page=${page}`, {
        schema: zoneListSchema,
      });
      return {
        items: answer.domains.map(({ name }) => ({ id: name, name: canonicalName(name) })),
        isLast: answer.links?.pages?.next === undefined,
      };
    });
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const records = await this.#records(zone, names);
    return joinToSets(
      records.map((record) => ({
        name: absoluteName(record.name, zone.name),
        type: record.type,
        ttlSeconds: record.ttl,
        value: valueIn(record, zone.name),
      })),
      names,
    );
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = await this.#records(
      zone,
      changes.map(({ name }) => name),
    );
    // All of it is made out first, so that a record that cannot be written stops the others too.
    const planned = changes.flatMap(({ name, type, before, after, ttlSeconds }) =>
      recordChanges({
        gone: standing.filter((one) => {
          const value = valueIn(one, zone.name);
          const isHere = absoluteName(one.name, zone.name) === name && one.type === type;
          return isHere && before.includes(value) && !after.includes(value);
        }),
        come: after
          .filter((value) => !before.includes(value))
          .map((value) => ({
            name: nameInZone(name, zone.name),
            type,
            ttl: ttlSeconds,
            ...dataOf(type, value),
          })),
      }),
    );
    for (const { old, body } of planned) {
      const path = old === null ? pathOf(zone) : `${pathOf(zone)}/${old.id}`;
      if (body === null) await this.#api.text("DELETE", path);
      else await this.#api.text(old === null ? "POST" : "PUT", path, { body });
    }
  }

  async #records(zone: ProviderZone, names: readonly string[]): Promise<OceanRecord[]> {
    const all: OceanRecord[] = [];
    for (const name of new Set(names)) {
      const path = `${pathOf(zone)}?name=${encodeURIComponent(name)}&per_page=200`;
      const records = await allPages("DigitalOcean", async (page) => {
        const answer = await this.#api.json("GET", `${path}&page=${page}`, { schema: recordListSchema });
        return { items: answer.domain_records, isLast: answer.links?.pages?.next === undefined };
      });
      all.push(...records.filter((record) => absoluteName(record.name, zone.name) === name));
    }
    return all;
  }
}

function pathOf({ id }: ProviderZone): string {
  return `/domains/${encodeURIComponent(id)}/records`;
}

function valueIn({ type, data, priority, port, weight, flags, tag }: OceanRecord, zone: string): string {
  const target = namedTypes.includes(type) ? (data === "@" ? zone : data) : data;
  switch (type) {
    case "TXT":
      return data;
    case "MX":
      return canonicalValue(type, `${priority ?? 0} ${target}`);
    case "SRV":
      return canonicalValue(type, `${priority ?? 0} ${weight ?? 0} ${port ?? 0} ${target}`);
    case "CAA":
      return canonicalValue(type, `${flags ?? 0} ${tag ?? ""} "${data.replace(/\.$/, "")}"`);
    default:
      return canonicalValue(type, target);
  }
}

function dataOf(type: string, value: string): Record<string, unknown> {
  const fields = value.split(" ");
  switch (type) {
    case "A":
    case "AAAA":
    case "TXT":
      return { data: value };
    case "CNAME":
    case "NS":
      return { data: `${value}.` };
    case "MX":
      return { data: `${fields[1]}.`, priority: Number(fields[0]) };
    case "SRV":
      return {
        data: `${fields[3]}.`,
        priority: Number(fields[0]),
        weight: Number(fields[1]),
        port: Number(fields[2]),
      };
    case "CAA": {
      const [, flags, tag = "", text = ""] = /^(\d+) (\S+) "(.*)"$/s.exec(value) ?? [];
      // A name is taken with the final dot only; an address to report to is none.
      if (tag === "iodef") return { data: text, flags: Number(flags), tag };
      if (!/^[a-z0-9.-]+$/i.test(text))
        throw new DnsProviderError(
          "rejected",
          `DigitalOcean takes nothing but a name in a CAA record, and "${text}" is none; publish it elsewhere or leave it out.`,
        );
      return { data: `${text}.`, flags: Number(flags), tag };
    }
    default:
      throw new DnsProviderError(
        "rejected",
        `DigitalOcean has no records of the type ${type}; publish this one elsewhere or leave it out.`,
      );
  }
}
