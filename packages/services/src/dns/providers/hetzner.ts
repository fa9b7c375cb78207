import {
  canonicalName,
  type RecordSet,
  recordData,
  type SetChange,
  setKey,
} from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { absoluteName, type DataSet, dataAfter, nameInZone, setOfData } from "./record-lists.ts";

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
      records: z.array(z.object({ value: z.string(), comment: z.string().nullish() })),
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
type HetznerRecord = z.output<typeof rrsetListSchema>["rrsets"][number]["records"][number];
interface HetznerSet extends DataSet {
  records: readonly HetznerRecord[];
}
const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Another change of the zone is under way, which is over soon, whatever the status. */
const busyCodes = ["conflict", "locked"];
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
      problemOf: ({ body }) =>
        busyCodes.includes(errorSchema.safeParse(body).data?.error.code ?? "") ? "provider-failed" : null,
    });
  }

  listZones(): Promise<ProviderZone[]> {
    return allPages("Hetzner", async (page) => {
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
    const sets = await this.#sets(zone, names);
    return sets.map((set) => setOfData(set, zone.name));
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = new Map(
      (
        await this.#sets(
          zone,
          changes.map(({ name }) => name),
        )
      ).map((set) => [setKey(set), set.records]),
    );
    const actions = changes.map((change) =>
      actionOf(change, { zone, standing: standing.get(setKey(change)) ?? [] }),
    );
    for (const { path, body } of actions) await this.#act(path, body);
  }

  async #sets(zone: ProviderZone, names: readonly string[]): Promise<HetznerSet[]> {
    const sets: HetznerSet[] = [];
    for (const name of new Set(names)) {
      const path = `/zones/${zone.id}/rrsets?name=${encodeURIComponent(nameInZone(name, zone.name))}&per_page=50`;
      const found = await allPages("Hetzner", async (page) => {
        const answer = await this.#api.json("GET", `${path}&page=${page}`, { schema: rrsetListSchema });
        return { items: answer.rrsets, isLast: answer.meta.pagination.next_page === null };
      });
      for (const { name: inZone, type, ttl, records } of found)
        if (absoluteName(inZone, zone.name) === name)
          sets.push({
            name,
            type,
            ttlSeconds: ttl ?? zoneTtlSeconds,
            data: records.map(({ value }) => value),
            records,
          });
    }
    return sets;
  }

  async #act(path: string, body: unknown): Promise<void> {
    const { action } = await this.#api.json("POST", path, { body, schema: actionSchema });
    if (action.status === "error")
      throw new DnsProviderError(
        "provider-failed",
        `Hetzner could not carry out the change: ${this.#api.scrubbed(action.error?.message ?? "") ?? "it gives no reason"}.`,
      );
  }
}

/**
 * The one request that makes a set what its change says. Where values come and go it is written whole: with two requests
 * both of two SPF records, or none of two aliases, would stand in between.
 */
function actionOf(
  change: SetChange,
  { zone, standing }: { zone: ProviderZone; standing: readonly HetznerRecord[] },
): { path: string; body: unknown } {
  const { name, type, before, after, ttlSeconds } = change;
  const path = `/zones/${zone.id}/rrsets/${encodeURIComponent(nameInZone(name, zone.name))}/${type}/actions`;
  const wanted = dataAfter(
    change,
    standing.map(({ value }) => value),
    zone.name,
  );
  // People leave comments at their records, and writing a set whole would drop them.
  const commentOf = new Map(standing.map(({ value, comment }) => [value, comment ?? ""]));
  const recordsOf = (values: readonly string[]) =>
    values.map((value) => {
      const comment = commentOf.get(value) ?? "";
      return comment === "" ? { value } : { value, comment };
    });
  const isNew = before.length === 0;
  const hasGone = before.some((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value)).map((value) => recordData(type, value));
  if (!hasGone)
    return {
      path: `${path}/add_records`,
      body: { records: recordsOf(come), ...(isNew ? { ttl: ttlSeconds } : {}) },
    };
  if (come.length > 0) return { path: `${path}/set_records`, body: { records: recordsOf(wanted) } };
  const gone = standing.filter(({ value }) => !wanted.includes(value));
  return { path: `${path}/remove_records`, body: { records: gone.map(({ value }) => ({ value })) } };
}
