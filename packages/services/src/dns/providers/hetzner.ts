import { canonicalName, type RecordSet, recordData, type SetChange } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { absoluteName, nameInZone, setOfData } from "./record-lists.ts";

const meta = z.object({ pagination: z.object({ next_page: z.number().nullable() }) });
const zoneListSchema = z.object({
  zones: z.array(z.object({ id: z.number(), name: z.string(), mode: z.string() })),
  meta,
});
const rrsetListSchema = z.object({
  rrsets: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      ttl: z.number().nullable(),
      records: z.array(z.object({ value: z.string() })),
    }),
  ),
  meta,
});
const actionSchema = z.object({
  action: z.object({
    status: z.enum(["running", "success", "error"]),
    error: z.object({ message: z.string() }).nullish(),
  }),
});
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** What a set without a TTL of its own is answered with, unless the zone says otherwise. */
const zoneTtlSeconds = 3600;

/** DNS of the Hetzner Cloud API (api.hetzner.cloud/v1), which adds and removes single records of a set. */
export function openHetzner(options: TokenOptions): DnsProvider {
  return new HetznerProvider(options);
}

class HetznerProvider implements DnsProvider {
  readonly #api: HttpApi;

  constructor({ token, baseUrl = "https://api.hetzner.cloud/v1" }: TokenOptions) {
    this.#api = new HttpApi({
      provider: "Hetzner",
      baseUrl,
      secrets: [token],
      authorize: () => ({ authorization: `Bearer ${token}` }),
      explain: (body) => errorSchema.safeParse(body).data?.error.message ?? null,
    });
  }

  listZones(): Promise<ProviderZone[]> {
    return allPages(async (page) => {
      const answer = await this.#api.json("GET", `/zones?per_page=50&page=${page}`, {
        schema: zoneListSchema,
      });
      return {
        items: answer.zones
          .filter(({ mode }) => mode === "primary")
          .map(({ id, name }) => ({ id: String(id), name: canonicalName(name) })),
        isLast: answer.meta.pagination.next_page === null,
      };
    });
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets: RecordSet[] = [];
    for (const name of new Set(names)) {
      const path = `/zones/${zone.id}/rrsets?name=${encodeURIComponent(nameInZone(name, zone.name))}&per_page=50`;
      const found = await allPages(async (page) => {
        const answer = await this.#api.json("GET", `${path}&page=${page}`, { schema: rrsetListSchema });
        return { items: answer.rrsets, isLast: answer.meta.pagination.next_page === null };
      });
      for (const { name: inZone, type, ttl, records } of found)
        if (absoluteName(inZone, zone.name) === name)
          sets.push(
            setOfData({
              name,
              type,
              ttlSeconds: ttl ?? zoneTtlSeconds,
              data: records.map(({ value }) => value),
            }),
          );
    }
    return sets;
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    for (const { name, type, before, after, ttlSeconds } of changes) {
      const recordsOf = (values: readonly string[]) =>
        values.map((value) => ({ value: recordData(type, value) }));
      const gone = recordsOf(before.filter((value) => !after.includes(value)));
      const come = recordsOf(after.filter((value) => !before.includes(value)));
      const path = `/zones/${zone.id}/rrsets/${encodeURIComponent(nameInZone(name, zone.name))}/${type}/actions`;
      const remove = () =>
        gone.length === 0 ? null : this.#act(`${path}/remove_records`, { records: gone });
      // A name has one alias only, so the old one goes first; of everything else the new comes first.
      if (type === "CNAME") await remove();
      if (come.length > 0)
        await this.#act(`${path}/add_records`, {
          records: come,
          ...(before.length === 0 ? { ttl: ttlSeconds } : {}),
        });
      if (type !== "CNAME") await remove();
    }
  }

  async #act(path: string, body: unknown): Promise<void> {
    const { action } = await this.#api.json("POST", path, { body, schema: actionSchema });
    if (action.status === "error")
      throw new DnsProviderError(
        "provider-failed",
        `Hetzner could not carry out the change: ${action.error?.message ?? "it gives no reason"}.`,
      );
  }
}
