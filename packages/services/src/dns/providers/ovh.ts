import { createHash } from "node:crypto";
import {
  canonicalName,
  type RecordSet,
  recordData,
  type SetChange,
  valueOfData,
} from "@mailstead/core/publishing";
import { z } from "zod";
import { HttpApi } from "./http-api.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { absoluteName, joinToSets, nameInZone } from "./record-lists.ts";

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
const recordsPerNameMax = 200;

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
        value: valueIn(record),
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
    try {
      for (const change of changes) await this.#writeSet(zone, change, standing);
    } finally {
      // What was taken before a failure would otherwise stand in the list and not in the DNS.
      await this.#api.text("POST", `${pathOf(zone)}/refresh`);
    }
  }

  async #writeSet(zone: ProviderZone, change: SetChange, standing: readonly OvhRecord[]): Promise<void> {
    const { name, type, before, after, ttlSeconds } = change;
    const gone = standing.filter(
      (record) =>
        absoluteName(record.subDomain ?? "", zone.name) === name &&
        typeOf(record) === type &&
        before.includes(valueIn(record)) &&
        !after.includes(valueIn(record)),
    );
    const remove = async () => {
      for (const { id } of gone) await this.#api.text("DELETE", `${pathOf(zone)}/record/${id}`);
    };
    // A name has one alias only, so the old one goes first; of everything else the new comes first.
    if (type === "CNAME") await remove();
    for (const value of after.filter((one) => !before.includes(one)))
      await this.#api.text("POST", `${pathOf(zone)}/record`, {
        body: {
          fieldType: type,
          subDomain: nameInZone(name, zone.name, ""),
          target: recordData(type, value),
          ttl: ttlSeconds,
        },
      });
    if (type !== "CNAME") await remove();
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
      for (const id of ids) {
        const record = await this.#api.json("GET", `${pathOf(zone)}/record/${id}`, { schema: recordSchema });
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

function typeOf({ fieldType }: OvhRecord): string {
  return textTypes.includes(fieldType) ? "TXT" : fieldType;
}

function valueIn(record: OvhRecord): string {
  const type = typeOf(record);
  // Texts that were entered by hand stand without quotes, and spaces in them are part of the value.
  if (type === "TXT" && !record.target.startsWith('"')) return record.target;
  return valueOfData(type, record.target);
}
