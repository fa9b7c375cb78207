import { canonicalName, type RecordSet, type SetChange } from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi } from "./http-api.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
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
const zoneSchema = z.object({
  rrsets: z.array(rrsetSchema),
  serial: z.number().optional(),
  soa_edit_api: z.string().optional(),
});
const zoneListSchema = z.array(z.object({ id: z.string(), name: z.string(), kind: z.string() }));
const errorSchema = z.object({ error: z.string() });

// Zones of these kinds are copied from elsewhere and cannot be changed here.
const copiedKinds = ["slave", "secondary", "consumer"];

type Rrset = z.output<typeof rrsetSchema>;
type PdnsRecord = z.output<typeof recordSchema>;

/** One operation of a PATCH. */
interface Patch {
  name: string;
  type: string;
  ttl: number;
  changetype: "REPLACE" | "DELETE" | "EXTEND" | "PRUNE";
  records: readonly PdnsRecord[];
}

/**
 * The HTTP API of the PowerDNS Authoritative Server. One PATCH is taken whole or not at all. Newer versions add and remove
 * single values of a set, by which nothing of anybody else's is lost; older ones only replace it.
 */
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
      for (const { type, ttl, records } of (await this.#zone(zone, name)).rrsets) {
        const data = contentsOf(records);
        if (data.length > 0) sets.push(setOfData({ name, type, ttlSeconds: ttl, data }));
      }
    return sets;
  }

  async writeSets(
    zone: ProviderZone,
    changes: readonly SetChange[],
    tell?: (sentence: string) => void,
  ): Promise<void> {
    const seen: { change: SetChange; standing: Rrset | undefined }[] = [];
    let watch: Watch | undefined;
    for (const change of changes) {
      const read = await this.#zone(zone, change.name);
      watch ??= { serial: read.serial, counting: read.soa_edit_api?.toUpperCase(), tell };
      seen.push({ change, standing: read.rrsets.find((set) => set.type === change.type) });
    }
    if (watch === undefined) return;
    const whole = seen.map(({ change, standing }) => replacement(change, standing));
    const single = seen.map(({ change, standing }) => singleValues(change, standing));
    if (single.some((patches) => patches !== null)) {
      const mixed = single.flatMap((patches, index) => patches ?? whole[index] ?? []);
      if (await this.#isTaken(zone, mixed, watch)) return;
    }
    await this.#patch(zone, whole, watch);
  }

  /** False when the server does not take single values, of which it says no more than that it refuses them. */
  async #isTaken(zone: ProviderZone, patches: readonly Patch[], watch: Watch): Promise<boolean> {
    try {
      await this.#patch(zone, patches, watch);
      return true;
    } catch (error) {
      if (error instanceof DnsProviderError && error.problem === "rejected") return false;
      throw error;
    }
  }

  async #patch(zone: ProviderZone, rrsets: readonly Patch[], { tell, ...seen }: Watch): Promise<void> {
    const headers = await this.#api.headers("PATCH", pathOf(zone), { body: { rrsets } });
    const reached = Number(headers.get("x-pdns-new-serial") ?? Number.NaN);
    const isOvertaken = isSerialSkipped({ ...seen, reached });
    const replaced = rrsets.filter(({ changetype }) => changetype === "REPLACE" || changetype === "DELETE");
    if (isOvertaken && replaced.length > 0)
      tell?.(
        `Somebody else changed the zone ${zone.name} at PowerDNS between our reading (serial ${seen.serial}) and our writing (serial ${reached}); if that was at ${replaced.map(({ name, type }) => `${type} ${canonicalName(name)}`).join(", ")}, it is lost, so look whether it has to be made again.`,
      );
  }

  /** Versions that do not know the filter answer with the whole zone. */
  async #zone(zone: ProviderZone, name: string): Promise<z.output<typeof zoneSchema>> {
    const path = `${pathOf(zone)}?rrset_name=${encodeURIComponent(`${name}.`)}`;
    const read = await this.#api.json("GET", path, { schema: zoneSchema });
    return { ...read, rrsets: read.rrsets.filter((set) => canonicalName(set.name) === name) };
  }
}

/** The serial that was read with the sets, and who hears when somebody else was in between. */
interface Watch {
  serial: number | undefined;
  /** How the zone counts changes by the API (SOA-EDIT-API). */
  counting: string | undefined;
  tell: ((sentence: string) => void) | undefined;
}

/**
 * Whether a change of ours led to another serial than the next. The serial that PowerDNS calls the old one is not asked: some
 * versions give the new one there.
 */
function isSerialSkipped({
  serial,
  counting,
  reached,
}: Pick<Watch, "serial" | "counting"> & { reached: number }): boolean {
  if (serial === undefined || Number.isNaN(reached)) return false;
  // DEFAULT writes the day and a number from 01 on, and goes on from what is greater already.
  const isFirstOfDay = counting === "DEFAULT" && reached > serial && reached % 100 === 1;
  return (counting === "DEFAULT" || counting === "INCREASE") && reached !== serial + 1 && !isFirstOfDay;
}

function replacement(change: SetChange, set: Rrset | undefined): Patch {
  const { name, type, ttlSeconds: ttl } = change;
  const standing = set?.records ?? [];
  // A record that somebody switched off is a record of theirs, and replacing the set would drop it.
  const disabled = standing.filter((record) => record.disabled);
  const active = dataAfter(change, contentsOf(standing)).map((content) => ({ content, disabled: false }));
  const records = [...active, ...disabled];
  return { name: `${name}.`, type, ttl, changetype: records.length > 0 ? "REPLACE" : "DELETE", records };
}

/**
 * Null for a set that is better written whole: of one that is new, PowerDNS checks only then whether an alias is in the way,
 * and a record that is switched off does not outlive a change of single values.
 */
function singleValues(change: SetChange, set: Rrset | undefined): Patch[] | null {
  if (set === undefined || set.records.some((record) => record.disabled)) return null;
  const { name, type } = change;
  const standing = contentsOf(set.records);
  const after = dataAfter(change, standing);
  const one = (changetype: "PRUNE" | "EXTEND") => (content: string) => ({
    name: `${name}.`,
    type,
    ttl: set.ttl,
    changetype,
    records: [{ content, disabled: false }],
  });
  // What goes goes first: there is never more than one alias at a name, not even on the way.
  return [
    ...standing.filter((content) => !after.includes(content)).map(one("PRUNE")),
    ...after.filter((content) => !standing.includes(content)).map(one("EXTEND")),
  ];
}

function contentsOf(records: readonly PdnsRecord[]): string[] {
  return records.filter(({ disabled }) => !disabled).map(({ content }) => content);
}

function pathOf({ id }: ProviderZone): string {
  return `/zones/${encodeURIComponent(id)}`;
}
