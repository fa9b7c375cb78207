import { canonicalName, type RecordSet, type SetChange } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi } from "./http-api.ts";
import type { DnsProvider, ProviderZone } from "./provider.ts";
import { dataAfter, setOfData } from "./record-lists.ts";

export interface PowerDnsOptions {
  /** Where the API answers, without `/api/v1`. */
  url: string;
  apiKey: string;
  /** "localhost" in almost every installation. */
  serverId: string;
}

const recordSchema = z.object({ content: z.string(), disabled: z.boolean().default(false) });
const rrsetSchema = z.object({
  name: z.string(),
  type: z.string(),
  ttl: z.number(),
  records: z.array(recordSchema),
});
const zoneSchema = z.object({ rrsets: z.array(rrsetSchema) });
const zoneListSchema = z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() }));
const errorSchema = z.object({ error: z.string() });

// Zones of these kinds are copied from elsewhere and cannot be changed here.
const copiedKinds = ["slave", "secondary", "consumer"];

/** The HTTP API of the PowerDNS Authoritative Server. One PATCH is taken whole or not at all. */
export function openPowerDns(options: PowerDnsOptions): DnsProvider {
  return new PowerDnsProvider(options);
}

class PowerDnsProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ url, apiKey, serverId }: PowerDnsOptions) {
    this.#api = new HttpApi({
      provider: "PowerDNS",
      baseUrl: `${url.replace(/\/+$/, "")}/api/v1/servers/${encodeURIComponent(serverId)}`,
      secrets: [apiKey],
      authorize: () => ({ "x-api-key": apiKey }),
      explain: (body) => errorSchema.safeParse(body).data?.error ?? null,
    });
  }

  async listZones(): Promise<ProviderZone[]> {
    const zones = await this.#api.json("GET", "/zones?dnssec=false", { schema: zoneListSchema });
    return zones
      .filter(({ kind }) => !copiedKinds.includes(kind.toLowerCase()))
      .map(({ id, name }) => ({ id, name: canonicalName(name) }));
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets: RecordSet[] = [];
    for (const name of new Set(names))
      for (const { type, ttl, records } of await this.#rrsetsOf(zone, name)) {
        const data = records.filter(({ disabled }) => !disabled).map(({ content }) => content);
        if (data.length > 0) sets.push(setOfData({ name, type, ttlSeconds: ttl, data }));
      }
    return sets;
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const rrsets = [];
    for (const change of changes) {
      const { name, type, ttlSeconds } = change;
      const standing = (await this.#rrsetsOf(zone, name)).find((set) => set.type === type)?.records ?? [];
      // A record that somebody switched off is a record of theirs, and replacing the set would drop it.
      const disabled = standing.filter((record) => record.disabled);
      const shown = standing.filter((record) => !record.disabled).map(({ content }) => content);
      const active = dataAfter(change, shown).map((content) => ({ content, disabled: false }));
      const records = [...active, ...disabled];
      const changetype = records.length > 0 ? "REPLACE" : "DELETE";
      rrsets.push({ name: `${name}.`, type, ttl: ttlSeconds, changetype, records });
    }
    await this.#api.text("PATCH", pathOf(zone), { body: { rrsets } });
  }

  /** Versions that do not know the filter answer with the whole zone. */
  async #rrsetsOf(zone: ProviderZone, name: string): Promise<z.output<typeof rrsetSchema>[]> {
    const path = `${pathOf(zone)}?rrset_name=${encodeURIComponent(`${name}.`)}`;
    const { rrsets } = await this.#api.json("GET", path, { schema: zoneSchema });
    return rrsets.filter((set) => canonicalName(set.name) === name);
  }
}

function pathOf({ id }: ProviderZone): string {
  return `/zones/${encodeURIComponent(id)}`;
}
