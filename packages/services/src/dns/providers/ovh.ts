import { createHash } from "node:crypto";
import {
  absoluteData,
  canonicalName,
  type RecordSet,
  recordData,
  type SetChange,
  valueOfData,
} from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi } from "./http-api.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { absoluteName, joinToSets, nameInZone, recordChanges } from "./record-lists.ts";

export interface OvhOptions {
  region: "eu" | "ca" | "us";
  applicationKey: string;
  applicationSecret: string;
  consumerKey: string;
  now(): Date;
  /** Another address than the provider's own only in tests. */
  baseUrl?: string;
}

const baseUrls = {
  eu: "https://eu.api.ovh.com/1.0",
  ca: "https://ca.api.ovh.com/1.0",
  us: "https://api.us.ovhcloud.com/1.0",
} as const;

const recordSchema = z.object({
  id: z.number(),
  fieldType: z.string(),
  subDomain: z.string().nullable(),
  target: z.string(),
  ttl: z.number().nullish(),
});
const errorSchema = z.object({ message: z.string(), errorCode: z.string().nullish() });
type OvhRecord = z.output<typeof recordSchema>;

/** OVH lists texts of some purposes as types of their own; in DNS they are TXT records. */
const textTypes = ["TXT", "SPF", "DKIM", "DMARC"];
// 0 stands for the zone's own.
const zoneTtlSeconds = 3600;
// One record is one request, so a name with more than these is nobody's mail domain.
const recordsPerNameMax = 2000;
const askedAtOnce = 10;

/** OVHcloud's API. Each record is written by itself and goes live with a refresh of the zone. */
export function openOvh(options: OvhOptions): DnsProvider {
  return new OvhProvider(options);
}

class OvhProvider implements DnsProvider {
  readonly #api: HttpApi;
  readonly #now: () => Date;
  /** How far OVH's clock is ahead of ours: signatures carry its time. */
  #clockAheadS: number | null = null;

  constructor(options: OvhOptions) {
    const { applicationKey, applicationSecret, consumerKey, region, now } = options;
    this.#now = now;
    this.#api = new HttpApi({
      provider: "OVHcloud",
      baseUrl: options.baseUrl ?? baseUrls[region],
      secrets: [applicationKey, applicationSecret, consumerKey],
      authorize: ({ method, url, body }) => {
        const timestamp = String(Math.floor(now().getTime() / 1000) + (this.#clockAheadS ?? 0));
        const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
        return {
          "x-ovh-application": applicationKey,
          "x-ovh-consumer": consumerKey,
          "x-ovh-timestamp": timestamp,
          "x-ovh-signature": `$1$${createHash("sha1").update(signed).digest("hex")}`,
        };
      },
      explain: (body) => errorSchema.safeParse(body).data?.message ?? null,
      problemOf: ({ body }) => {
        const code = errorSchema.safeParse(body).data?.errorCode ?? "";
        if (code === "QUERY_TIME_OUT") return "clock-skew";
        return /^(INVALID_CREDENTIAL|INVALID_KEY|INVALID_SIGNATURE|NOT_CREDENTIAL)$/.test(code)
          ? "bad-credentials"
          : null;
      },
    });
  }

  async listZones(): Promise<ProviderZone[]> {
    await this.#setClock();
    const names = await this.#api.json("GET", "/domain/zone", { schema: z.array(z.string()) });
    return names.map((name) => ({ id: name, name: canonicalName(name) }));
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    await this.#setClock();
    const records = await this.#records(zone, names);
    return joinToSets(
      records.map((record) => ({
        name: absoluteName(record.subDomain ?? "", zone.name),
        type: typeOf(record),
        ttlSeconds: record.ttl || zoneTtlSeconds,
        value: valueIn(record, zone.name),
      })),
      names,
    );
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    await this.#setClock();
    const standing = await this.#records(
      zone,
      changes.map(({ name }) => name),
    );
    let failure: unknown = null;
    try {
      for (const change of changes) await this.#writeSet(zone, change, standing);
    } catch (cause) {
      failure = cause;
    }
    // What was taken before a failure would otherwise stand in the list and not in the DNS.
    await this.#refresh(zone, changes);
    if (failure !== null) throw failure;
  }

  /** Brings the list into the DNS; where that fails, the list becomes again what the DNS shows. */
  async #refresh(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const refresh = () => this.#api.text("POST", `${pathOf(zone)}/refresh`);
    try {
      await refresh().catch(refresh);
    } catch (cause) {
      await this.#takeBack(zone, changes);
      throw cause;
    }
  }

  async #takeBack(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    try {
      const standing = await this.#records(
        zone,
        changes.map(({ name }) => name),
      );
      for (const change of changes) {
        const now = standing
          .filter((record) => isOf(record, { change, zone }))
          .map((record) => valueIn(record, zone.name));
        await this.#writeSet(zone, { ...change, before: now, after: change.before }, standing);
      }
    } catch (cause) {
      throw notLive(zone, cause);
    }
  }

  async #writeSet(zone: ProviderZone, change: SetChange, standing: readonly OvhRecord[]): Promise<void> {
    const { name, type, before, after, ttlSeconds } = change;
    const isGoing = (value: string) => before.includes(value) && !after.includes(value);
    const planned = recordChanges({
      gone: standing.filter(
        (record) => isOf(record, { change, zone }) && isGoing(valueIn(record, zone.name)),
      ),
      come: after
        .filter((value) => !before.includes(value))
        .map((value) => ({
          subDomain: nameInZone(name, zone.name, ""),
          target: recordData(type, value),
          ttl: ttlSeconds,
        })),
    });
    for (const { old, body } of planned) {
      const path = `${pathOf(zone)}/record${old === null ? "" : `/${old.id}`}`;
      if (body === null) await this.#api.text("DELETE", path);
      // The type of a record that is there cannot be changed, and is not said again.
      else if (old !== null) await this.#api.text("PUT", path, { body });
      else await this.#api.text("POST", path, { body: { fieldType: type, ...body } });
    }
  }

  async #records(zone: ProviderZone, names: readonly string[]): Promise<OvhRecord[]> {
    const all: OvhRecord[] = [];
    for (const name of new Set(names)) {
      const subDomain = encodeURIComponent(nameInZone(name, zone.name, ""));
      const ids = await this.#api.json("GET", `${pathOf(zone)}/record?subDomain=${subDomain}`, {
        schema: z.array(z.number()),
      });
      if (ids.length > recordsPerNameMax)
        throw new DnsProviderError(
          "rejected",
          `${name} has ${ids.length} records at OVHcloud, and Mailstead reads no more than ${recordsPerNameMax}.`,
        );
      // Each has to be asked for by itself, so the many records of a large name are asked for side by side.
      for (let at = 0; at < ids.length; at += askedAtOnce) {
        const asked = ids
          .slice(at, at + askedAtOnce)
          .map((id) => this.#api.json("GET", `${pathOf(zone)}/record/${id}`, { schema: recordSchema }));
        for (const record of await Promise.all(asked))
          if (absoluteName(record.subDomain ?? "", zone.name) === name) all.push(record);
      }
    }
    return all;
  }

  async #setClock(): Promise<void> {
    if (this.#clockAheadS !== null) return;
    const theirs = await this.#api.json("GET", "/auth/time", { schema: z.number() });
    this.#clockAheadS = theirs - Math.floor(this.#now().getTime() / 1000);
  }
}

function pathOf({ id }: ProviderZone): string {
  return `/domain/zone/${encodeURIComponent(id)}`;
}

function notLive({ name }: ProviderZone, cause: unknown): DnsProviderError {
  return new DnsProviderError(
    "not-live",
    `OVHcloud lists what was written into ${name}, but did not bring it into the DNS; change any record of the zone there, which brings all of them.`,
    { cause },
  );
}

function isOf(
  record: OvhRecord,
  { change, zone }: { change: Pick<SetChange, "name" | "type">; zone: ProviderZone },
): boolean {
  return absoluteName(record.subDomain ?? "", zone.name) === change.name && typeOf(record) === change.type;
}

function typeOf({ fieldType }: OvhRecord): string {
  return textTypes.includes(fieldType) ? "TXT" : fieldType;
}

function valueIn(record: OvhRecord, zone: string): string {
  const type = typeOf(record);
  // Texts that were entered by hand stand without quotes, and spaces in them are part of the value.
  if (type === "TXT" && !record.target.startsWith('"')) return record.target;
  return valueOfData(type, absoluteData(type, record.target, zone));
}
