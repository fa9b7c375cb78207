import { canonicalName, type RecordSet, type SetChange, setKey } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi, nextLink, type TokenOptions } from "./http-api.ts";
import { allPages } from "./pages.ts";
import type { DnsProvider, ProviderZone } from "./provider.ts";
import { absoluteName, type DataSet, dataAfter, nameInZone, setOfData } from "./record-lists.ts";

const zoneListSchema = z.array(z.object({ name: z.string() }));
const rrsetListSchema = z.array(
  z.object({ subname: z.string(), type: z.string(), ttl: z.number(), records: z.array(z.string()) }),
);
const errorSchema = z.object({ detail: z.string() });
/** What it says when a set is to be made that is there already. */
const existsMeanwhile = /same subdomain and type exists/i;

/**
 * deSEC's API, version 1. One bulk request is taken whole or not at all; what is new under its name goes in one of its own,
 * which is refused when somebody else has made such a set meanwhile.
 */
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
      problemOf: ({ body }) => (existsMeanwhile.test(explained(body) ?? "") ? "changed-meanwhile" : null),
    });
  }

  async listZones(): Promise<ProviderZone[]> {
    const zones = await this.#list("/domains/", zoneListSchema);
    return zones.map(({ name }) => ({ id: name, name: canonicalName(name) }));
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const wanted = new Set(names);
    const sets = await this.#sets(zone);
    return sets.filter(({ name }) => wanted.has(name)).map((set) => setOfData(set));
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = new Map((await this.#sets(zone)).map((set) => [setKey(set), set.data]));
    const written = changes.map((change) => ({
      change,
      body: {
        subname: nameInZone(change.name, zone.name, ""),
        type: change.type,
        ttl: change.ttlSeconds,
        // A set without records is deleted.
        records: dataAfter(change, standing.get(setKey(change)) ?? []),
      },
    }));
    // An alias and what comes in its place change in one request.
    const losing = new Set(changes.filter(({ before }) => before.length > 0).map(({ name }) => name));
    const [made, changed] = [true, false].map((isNew) =>
      written.filter(({ change }) => losing.has(change.name) !== isNew).map(({ body }) => body),
    );
    if (made !== undefined && made.length > 0) await this.#api.text("POST", pathOf(zone), { body: made });
    if (changed !== undefined && changed.length > 0)
      await this.#api.text("PATCH", pathOf(zone), { body: changed });
  }

  /** The whole zone at once: deSEC allows so few questions a minute that asking name by name would use them up. */
  async #sets(zone: ProviderZone): Promise<DataSet[]> {
    const rrsets = await this.#list(pathOf(zone), rrsetListSchema);
    return rrsets.map(({ subname, type, ttl, records }) => ({
      name: absoluteName(subname, zone.name),
      type,
      ttlSeconds: ttl,
      data: records,
    }));
  }

  /** A list is read by its cursor, without which a long one is refused. */
  #list<T>(path: string, schema: z.ZodType<T[]>): Promise<T[]> {
    let cursor = "";
    return allPages("deSEC", async () => {
      const { content, headers } = await this.#api.page(
        `${path}?cursor=${encodeURIComponent(cursor)}`,
        schema,
      );
      const next = nextLink(headers)?.searchParams.get("cursor") ?? null;
      cursor = next ?? "";
      return { items: content, isLast: next === null };
    });
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
