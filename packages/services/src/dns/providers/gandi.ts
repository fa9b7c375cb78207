import { canonicalName, type RecordSet, type SetChange, setKey } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { type DataSet, dataAfter, nameInZone, setOfData } from "./record-lists.ts";

const zoneListSchema = z.array(z.object({ fqdn: z.string() }));
const rrsetListSchema = z.array(
  z.object({ rrset_type: z.string(), rrset_ttl: z.number(), rrset_values: z.array(z.string()) }),
);
const errorSchema = z.object({ message: z.string() });
const pageSize = 100;

/** Gandi LiveDNS, API version 5, with a personal access token. Each set is written by itself. */
export function openGandi(options: TokenOptions): DnsProvider {
  return new GandiProvider(options);
}

class GandiProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ token, baseUrl = "https://api.gandi.net/v5/livedns" }: TokenOptions) {
    this.#api = new HttpApi({
      provider: "Gandi",
      baseUrl,
      secrets: [token],
      authorize: () => ({ authorization: `Bearer ${token}` }),
      explain: (body) => errorSchema.safeParse(body).data?.message ?? null,
    });
  }

  listZones(): Promise<ProviderZone[]> {
    return allPages("Gandi", async (page) => {
      const zones = await this.#api.json("GET", `/domains?per_page=${pageSize}&page=${page}`, {
        schema: zoneListSchema,
      });
      return {
        items: zones.map(({ fqdn }) => ({ id: fqdn, name: canonicalName(fqdn) })),
        isLast: zones.length < pageSize,
      };
    });
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets = await this.#sets(zone, names);
    return sets.map((set) => setOfData(set, zone.name));
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    // All of them before the first is written: a zone that has changed is best left as it is.
    const names = changes.map(({ name }) => name);
    const first = await this.#sets(zone, names);
    for (const change of changes) dataOf(change, first, zone);
    for (const [index, change] of changes.entries()) {
      const { name, type, ttlSeconds } = change;
      // A set is replaced whole, so each is looked at once more right before: little time is left to others.
      const standing = index === 0 ? first : await this.#sets(zone, [name]);
      const data = dataOf(change, standing, zone);
      const path = `${pathOf(zone)}/${encodeURIComponent(nameInZone(name, zone.name))}/${type}`;
      if (data.length === 0) await this.#api.text("DELETE", path);
      else await this.#api.text("PUT", path, { body: { rrset_ttl: ttlSeconds, rrset_values: data } });
    }
  }

  async #sets(zone: ProviderZone, names: readonly string[]): Promise<DataSet[]> {
    const sets: DataSet[] = [];
    let isZoneThere = false;
    for (const name of new Set(names)) {
      const path = `${pathOf(zone)}/${encodeURIComponent(nameInZone(name, zone.name))}`;
      const found = await this.#api.json("GET", path, { schema: rrsetListSchema }).catch((error: unknown) => {
        // A name without records and a zone that is not there are both answered with 404.
        if (error instanceof DnsProviderError && error.problem === "zone-not-found") return null;
        throw error;
      });
      if (found === null && !isZoneThere)
        await this.#api.text("GET", `/domains/${encodeURIComponent(zone.id)}`);
      isZoneThere = true;
      for (const { rrset_type: type, rrset_ttl: ttlSeconds, rrset_values: data } of found ?? [])
        sets.push({ name, type, ttlSeconds, data });
    }
    return sets;
  }
}

function dataOf(change: SetChange, standing: readonly DataSet[], { name }: ProviderZone): string[] {
  const data = standing.find((set) => setKey(set) === setKey(change))?.data ?? [];
  return dataAfter(change, data, name);
}

function pathOf({ id }: ProviderZone): string {
  return `/domains/${encodeURIComponent(id)}/records`;
}
