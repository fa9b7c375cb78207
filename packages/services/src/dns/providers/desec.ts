import { canonicalName, type RecordSet, recordData, type SetChange } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import type { DnsProvider, ProviderZone } from "./provider.ts";
import { nameInZone, setOfData } from "./record-lists.ts";

const zoneListSchema = z.array(z.object({ name: z.string() }));
const rrsetListSchema = z.array(
  z.object({ subname: z.string(), type: z.string(), ttl: z.number(), records: z.array(z.string()) }),
);
const errorSchema = z.object({ detail: z.string() });

/** deSEC's API, version 1. One bulk request is taken whole or not at all. */
export function openDesec(options: TokenOptions): DnsProvider {
  return new DesecProvider(options);
}

class DesecProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ token, baseUrl = "https://desec.io/api/v1" }: TokenOptions) {
    this.#api = new HttpApi({
      provider: "deSEC",
      baseUrl,
      secrets: [token],
      authorize: () => ({ authorization: `Token ${token}` }),
      explain: explained,
    });
  }

  async listZones(): Promise<ProviderZone[]> {
    const zones = await this.#api.json("GET", "/domains/", { schema: zoneListSchema });
    return zones.map(({ name }) => ({ id: name, name: canonicalName(name) }));
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets: RecordSet[] = [];
    for (const name of new Set(names)) {
      const subname = nameInZone(name, zone.name, "");
      const found = await this.#api.json("GET", `${pathOf(zone)}?subname=${encodeURIComponent(subname)}`, {
        schema: rrsetListSchema,
      });
      for (const { subname: owner, type, ttl, records } of found)
        if (owner === subname) sets.push(setOfData({ name, type, ttlSeconds: ttl, data: records }));
    }
    return sets;
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const body = changes.map(({ name, type, ttlSeconds, after }) => ({
      subname: nameInZone(name, zone.name, ""),
      type,
      ttl: ttlSeconds,
      // A set without records is deleted.
      records: after.map((value) => recordData(type, value)),
    }));
    await this.#api.text("PATCH", pathOf(zone), { body });
  }
}

function pathOf({ id }: ProviderZone): string {
  return `/domains/${encodeURIComponent(id)}/rrsets/`;
}

/** A bulk request is refused with one object for each set, most of them empty. */
function explained(body: unknown): string | null {
  const detail = errorSchema.safeParse(body).data?.detail;
  if (detail !== undefined) return detail;
  if (!Array.isArray(body)) return null;
  const first = body.find((one) => typeof one === "object" && one !== null && Object.keys(one).length > 0);
  return first === undefined
    ? null
    : Object.values(first)
        .flat()
        .filter((text) => typeof text === "string")
        .join(" ");
}
