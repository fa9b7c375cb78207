import { canonicalName, type RecordSet, type SetChange } from "@mailstead/core/publishing";
import {
  decodeData,
  decodeMessage,
  encodeData,
  encodeName,
  encodeRecord,
  isWireType,
  typeNumbers,
  type WireMessage,
  type WireRecord,
  type WireType,
} from "./dns-wire.ts";
import { type DnsProvider, DnsProviderError, type ProviderZone } from "./provider.ts";
import { changedMeanwhile } from "./record-lists.ts";
import { exchangeOverTcp } from "./tcp-exchange.ts";
import { signMessage, type TsigKey, verifyAnswer } from "./tsig.ts";

export interface Rfc2136Options {
  host: string;
  port: number;
  key: TsigKey;
  /** Update has no way to list zones, so a person names them. */
  zones: readonly string[];
  now(): Date;
  withinMs?: number;
}

const defaultWithinMs = 10_000;
const soaType = 6;
const nameError = 3;
// NXDOMAIN and NXRRSET, as a prerequisite is answered that nothing meets.
const notThereCodes = [nameError, 8];
const notAuth = 9;
const classes = { in: 1, none: 254, any: 255 } as const;
// RFC 2136 §1.3.
const updateFlags = 5 << 11;
const readTypes = Object.keys(typeNumbers).filter(isWireType);

/** Dynamic update (RFC 2136) over TCP, each message signed with TSIG (RFC 8945). One message is taken whole or not at all. */
export function openRfc2136(options: Rfc2136Options): DnsProvider {
  return new Rfc2136Provider(options);
}

interface WireSet extends RecordSet {
  /** The RDATA of each value as the server holds it: a text may be cut into strings in many ways. */
  data: ReadonlyMap<string, Buffer>;
}

class Rfc2136Provider implements DnsProvider {
  readonly #options: Rfc2136Options;

  constructor(options: Rfc2136Options) {
    this.#options = options;
  }

  async listZones(): Promise<ProviderZone[]> {
    const zones = this.#options.zones.map((name) => ({ name: canonicalName(name), id: canonicalName(name) }));
    // A question shows whether the server knows the key, an update that changes nothing whether the key may update.
    await this.#read(
      { name: "", id: "" },
      zones.slice(0, 1).map(({ name }) => ({ name, type: "NS" })),
    );
    const probes = zones.map(({ name }) =>
      updateMessage(name, {
        prerequisites: [existsRecord(name, { type: soaType, class: classes.any })],
        updates: [],
      }),
    );
    const answers = await this.#ask(probes);
    for (const [index, answer] of answers.entries()) this.#refuseUnlessDone(answer, zones[index]?.name ?? "");
    return zones;
  }

  async readSets(zone: ProviderZone, names: readonly string[]): Promise<RecordSet[]> {
    const sets = await this.#read(
      zone,
      names.flatMap((name) => readTypes.map((type) => ({ name, type }))),
    );
    return sets.map(({ name, type, ttlSeconds, values }) => ({ name, type, ttlSeconds, values }));
  }

  async writeSets(zone: ProviderZone, changes: readonly SetChange[]): Promise<void> {
    const standing = await this.#read(
      zone,
      changes.map(({ name, type }) => ({ name, type: wireType(type) })),
    );
    const planned = changes.map((change) => ({
      change,
      type: wireType(change.type),
      set: standing.find(({ name, type }) => name === change.name && type === change.type),
    }));
    const message = updateMessage(zone.name, {
      prerequisites: planned.flatMap(({ change, type, set }) => prerequisitesOf(change, { type, set })),
      updates: planned.flatMap(({ change, type, set }) => updatesOf(change, { type, set })),
    });
    const [answer] = await this.#ask([message]);
    if (answer !== undefined) this.#refuseUnlessDone(answer, zone.name);
  }

  async #read(
    zone: ProviderZone,
    questions: readonly { name: string; type: WireType }[],
  ): Promise<WireSet[]> {
    const answers = await this.#ask(questions.map(queryMessage));
    const sets = questions.flatMap(({ name, type }, index) => {
      const answer = answers[index];
      if (answer === undefined) return [];
      if (answer.responseCode !== nameError) this.#refuseUnlessDone(answer, zone.name);
      const own = answer.answers.filter(
        (record) => record.name === name && record.type === typeNumbers[type],
      );
      return own.length === 0 ? [] : [wireSet({ name, type }, own)];
    });
    return zone.name === "" ? sets : this.#standing(zone, sets);
  }

  /**
   * Leaves out what a wildcard made up for the answer. A prerequisite looks at what stands in the zone and at nothing
   * else (RFC 2136 §3.2), so an update that changes nothing tells.
   */
  async #standing({ name: zone }: ProviderZone, sets: readonly WireSet[]): Promise<WireSet[]> {
    const probes = sets.map(({ name, type }) =>
      updateMessage(zone, {
        prerequisites: [existsRecord(name, { type: typeNumbers[wireType(type)], class: classes.any })],
        updates: [],
      }),
    );
    const answers = await this.#ask(probes);
    return sets.filter((_, index) => {
      const answer = answers[index];
      if (answer === undefined || notThereCodes.includes(answer.responseCode)) return false;
      this.#refuseUnlessDone(answer, zone);
      return true;
    });
  }

  /** Signs, sends and verifies; throws when the server did not sign its answer with the key. */
  async #ask(messages: readonly Buffer[]): Promise<WireMessage[]> {
    const { host, port, key, now, withinMs = defaultWithinMs } = this.#options;
    const asked = messages.map((message, index) => {
      message.writeUInt16BE(index + 1, 0);
      return signMessage(message, key, now());
    });
    const answers = await exchangeOverTcp(
      { host, port, withinMs },
      asked.map(({ signed }) => signed),
    );
    return answers.map((answer, index) => this.#verified(answer, asked[index]?.mac ?? Buffer.alloc(0)));
  }

  #verified(answer: Buffer, requestMac: Buffer): WireMessage {
    const { host, key, now } = this.#options;
    const at = now();
    const { message, verdict } = readable(host, () => ({
      message: decodeMessage(answer),
      verdict: verifyAnswer(answer, { key, requestMac, now: at }),
    }));
    if (verdict.kind === "good") return message;
    if (verdict.kind === "error") throw this.#tsigError(verdict, at);
    if (verdict.kind === "unsigned" && message.responseCode !== 0) throw this.#unsignedRefusal(message);
    throw new DnsProviderError(
      "unreadable",
      `The name server ${host} did not sign its answer with the key ${key.name}, so it is not believed.`,
    );
  }

  /** Knot and PowerDNS say no to a key without a signature and without the TSIG error that RFC 8945 §5.2 asks for. */
  #unsignedRefusal({ responseCode }: WireMessage): DnsProviderError {
    const { host, key } = this.#options;
    if (responseCode !== notAuth) return this.#refusal(responseCode, "the zone");
    return new DnsProviderError(
      "bad-credentials",
      `The name server ${host} does not accept the key ${key.name} with ${key.algorithm} (NOTAUTH); check its name, algorithm and secret, and that it may update the zone.`,
    );
  }

  #tsigError({ error, serverTime }: { error: string; serverTime: Date | null }, now: Date): DnsProviderError {
    const { host, key } = this.#options;
    switch (error) {
      case "BADKEY":
        return new DnsProviderError(
          "bad-credentials",
          `The name server ${host} does not know the key ${key.name} with ${key.algorithm} (BADKEY); check the key's name and algorithm.`,
        );
      case "BADSIG":
        return new DnsProviderError(
          "bad-credentials",
          `The name server ${host} knows the key ${key.name}, but with another secret (BADSIG); enter the secret again.`,
        );
      case "BADTIME": {
        const apart =
          serverTime === null
            ? ""
            : ` by ${Math.round(Math.abs(now.getTime() - serverTime.getTime()) / 1000)} s`;
        return new DnsProviderError(
          "clock-skew",
          `The clocks of Mailstead and of the name server ${host} differ${apart} (BADTIME), so signatures do not count; set both by NTP.`,
        );
      }
      default:
        return new DnsProviderError(
          "rejected",
          `The name server ${host} refused the signature (TSIG ${error}).`,
        );
    }
  }

  #refuseUnlessDone({ responseCode }: WireMessage, zone: string): void {
    if (responseCode !== 0) throw this.#refusal(responseCode, zone);
  }

  #refusal(responseCode: number, zone: string): DnsProviderError {
    const { host, key } = this.#options;
    const server = `The name server ${host}`;
    switch (responseCode) {
      case 2:
        return new DnsProviderError("provider-failed", `${server} failed (SERVFAIL) for ${zone}.`);
      case 4:
        return new DnsProviderError("not-allowed", `${server} does not take updates (NOTIMP).`);
      case 5:
        return new DnsProviderError(
          "not-allowed",
          `${server} refused (REFUSED): the key ${key.name} may not change ${zone}, or the zone is not there.`,
        );
      case nameError:
      case 6:
      case 7:
      case 8:
        return new DnsProviderError(
          "changed-meanwhile",
          `The zone ${zone} is not as it was a moment ago; nothing was written.`,
        );
      case notAuth:
      case 10:
        return new DnsProviderError(
          "zone-not-found",
          `${server} is not in charge of ${zone} (${responseCode === notAuth ? "NOTAUTH" : "NOTZONE"}).`,
        );
      default:
        return new DnsProviderError(
          "rejected",
          `${server} refused the request for ${zone} with code ${responseCode}.`,
        );
    }
  }
}

function wireSet({ name, type }: { name: string; type: WireType }, records: readonly WireRecord[]): WireSet {
  const data = new Map(records.map((record) => [decodeData(type, record.data), record.data]));
  return {
    name,
    type,
    ttlSeconds: Math.min(...records.map((record) => record.ttlSeconds)),
    values: [...data.keys()],
    data,
  };
}

/** RFC 2136 §2.4: the whole set is as it was, or there is none. */
function prerequisitesOf(
  { name, before, type: typeName }: SetChange,
  { type, set }: { type: WireType; set: WireSet | undefined },
): Buffer[] {
  const isAsBefore =
    before.length === (set?.values.length ?? 0) && before.every((value) => set?.data.has(value) === true);
  if (!isAsBefore) throw changedMeanwhile(name, typeName);
  if (set === undefined) return [existsRecord(name, { type: typeNumbers[type], class: classes.none })];
  return [...set.data.values()].map((data) =>
    encodeRecord({ name, type: typeNumbers[type], class: classes.in, ttlSeconds: 0, data }),
  );
}

/** Only the values that come or go; the others of the set are not touched. */
function updatesOf(
  { name, before, after, ttlSeconds }: SetChange,
  { type, set }: { type: WireType; set: WireSet | undefined },
): Buffer[] {
  const record = { name, type: typeNumbers[type] };
  const gone = before.filter((value) => !after.includes(value));
  const come = after.filter((value) => !before.includes(value));
  return [
    ...gone.map((value) =>
      encodeRecord({
        ...record,
        class: classes.none,
        ttlSeconds: 0,
        data: set?.data.get(value) ?? encodeData(type, value),
      }),
    ),
    ...come.map((value) =>
      encodeRecord({ ...record, class: classes.in, ttlSeconds, data: encodeData(type, value) }),
    ),
  ];
}

function existsRecord(name: string, { type, class: recordClass }: { type: number; class: number }): Buffer {
  return encodeRecord({ name, type, class: recordClass, ttlSeconds: 0, data: Buffer.alloc(0) });
}

function updateMessage(
  zone: string,
  { prerequisites, updates }: { prerequisites: readonly Buffer[]; updates: readonly Buffer[] },
): Buffer {
  const header = headerOf({ flags: updateFlags, counts: [1, prerequisites.length, updates.length, 0] });
  return Buffer.concat([header, question(zone, soaType), ...prerequisites, ...updates]);
}

function queryMessage({ name, type }: { name: string; type: WireType }): Buffer {
  return Buffer.concat([headerOf({ flags: 0, counts: [1, 0, 0, 0] }), question(name, typeNumbers[type])]);
}

function headerOf({ flags, counts }: { flags: number; counts: readonly number[] }): Buffer {
  const header = Buffer.alloc(12);
  for (const [index, value] of [0, flags, ...counts].entries()) header.writeUInt16BE(value, index * 2);
  return header;
}

function question(name: string, type: number): Buffer {
  const fixed = Buffer.alloc(4);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(classes.in, 2);
  return Buffer.concat([encodeName(name), fixed]);
}

function wireType(type: string): WireType {
  if (isWireType(type)) return type;
  throw new DnsProviderError(
    "rejected",
    `Records of the type ${type} cannot be published by dynamic update.`,
  );
}

function readable<T>(host: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw notDns(host, cause);
  }
}

function notDns(host: string, cause: unknown): DnsProviderError {
  return new DnsProviderError("unreadable", `The name server ${host} sent an answer that is not DNS.`, {
    cause,
  });
}
