import { request } from "node:http";
import { authorityAddress, reverseName } from "./addresses.ts";
import { LabError } from "./command.ts";

export interface RecordSet {
  /** Fully qualified, with or without the final dot. */
  readonly name: string;
  readonly type: string;
  readonly ttl?: number;
  /** Contents in zone file form; an empty list deletes the set. */
  readonly records: readonly string[];
}

export interface ZoneKey {
  readonly id: number;
  readonly keytype: string;
  readonly active: boolean;
  readonly ds?: readonly string[];
}

export const apiKey = "lab";
export const dnsApiPort = 8081;
/** Short, so that a test sees its change at once. */
const recordTtlS = 5;
const nameServer = "ns.lab.";

/** The lab's name servers, by the HTTP API of PowerDNS. Each zone is signed, and delegated from the signed root. */
export class LabDns {
  readonly #socketPath: string;

  /** Takes the unix socket that leads to the API. */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Where guests and other programs in the lab reach the API. */
  readonly apiUrl = `http://${authorityAddress.ipv4}:${dnsApiPort}/api/v1/servers/localhost`;

  /** Creates a signed zone, with these records, and its delegation. A nested zone is delegated from its parent. */
  async addZone(
    zone: string,
    records: readonly RecordSet[] = [],
    options: { signed?: boolean } = {},
  ): Promise<void> {
    const name = withDot(zone);
    const isSigned = options.signed ?? true;
    await this.request("POST", "/zones", {
      name,
      kind: "Native",
      dnssec: isSigned,
      nameservers: [nameServer],
      soa_edit_api: "INCEPTION-INCREMENT",
    });
    if (records.length > 0) await this.setRecords(zone, records);
    if (name === ".") return;
    const parent = await this.#parentOf(name);
    const delegation: RecordSet[] = [{ name, type: "NS", records: [nameServer] }];
    if (isSigned) delegation.push({ name, type: "DS", records: await this.delegationSigners(name) });
    await this.setRecords(parent, delegation);
  }

  async removeZone(zone: string): Promise<void> {
    const name = withDot(zone);
    const parent = await this.#parentOf(name);
    await this.setRecords(parent, [
      { name, type: "NS", records: [] },
      { name, type: "DS", records: [] },
    ]);
    await this.request("DELETE", `/zones/${zoneId(name)}`);
  }

  async zones(): Promise<string[]> {
    const zones = (await this.request("GET", "/zones")) as { name: string }[];
    return zones.map((zone) => zone.name);
  }

  /** Replaces these record sets of a zone; a set without records is deleted. */
  async setRecords(zone: string, sets: readonly RecordSet[]): Promise<void> {
    await this.request("PATCH", `/zones/${zoneId(withDot(zone))}`, {
      rrsets: sets.map((set) => ({
        name: withDot(set.name),
        type: set.type,
        ttl: set.ttl ?? recordTtlS,
        changetype: set.records.length > 0 ? "REPLACE" : "DELETE",
        records: set.records.map((content) => ({ content, disabled: false })),
      })),
    });
  }

  /** The records of one set as the authority holds them. */
  async records(zone: string, name: string, type: string): Promise<string[]> {
    const whole = (await this.request("GET", `/zones/${zoneId(withDot(zone))}`)) as {
      rrsets: { name: string; type: string; records: { content: string }[] }[];
    };
    return whole.rrsets
      .filter((set) => set.name === withDot(name) && set.type === type)
      .flatMap((set) => set.records.map((record) => record.content));
  }

  /** Points an address back at a name, or at nothing. */
  async setReverse(address: string, hostname: string | undefined): Promise<void> {
    const name = reverseName(address);
    const zone = await this.#parentOf(name);
    await this.setRecords(zone, [{ name, type: "PTR", records: hostname ? [withDot(hostname)] : [] }]);
  }

  async keys(zone: string): Promise<ZoneKey[]> {
    return (await this.request("GET", `/zones/${zoneId(withDot(zone))}/cryptokeys`)) as ZoneKey[];
  }

  /** The DS records (SHA-256) that the parent of a signed zone carries. */
  async delegationSigners(zone: string): Promise<string[]> {
    const keys = await this.keys(zone);
    return keys.flatMap((key) => (key.active ? (key.ds ?? []) : [])).filter((ds) => ds.split(" ")[2] === "2");
  }

  /** Makes a TSIG key that may update these zones (RFC 2136) and returns its secret in base64. */
  async addUpdateKey(keyName: string, zones: readonly string[]): Promise<string> {
    const made = (await this.request("POST", "/tsigkeys", { name: keyName, algorithm: "hmac-sha256" })) as {
      key: string;
    };
    for (const zone of zones) {
      const id = zoneId(withDot(zone));
      await this.request("POST", `/zones/${id}/metadata`, {
        kind: "TSIG-ALLOW-DNSUPDATE",
        metadata: [keyName],
      });
      await this.request("POST", `/zones/${id}/metadata`, {
        kind: "ALLOW-DNSUPDATE-FROM",
        metadata: ["0.0.0.0/0", "::/0"],
      });
    }
    return made.key;
  }

  /** One call to the API below /api/v1/servers/localhost, for what has no method here. Throws LabError on refusal. */
  request(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? "" : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const call = request({
        socketPath: this.#socketPath,
        method,
        path: `/api/v1/servers/localhost${path}`,
        headers: {
          "x-api-key": apiKey,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        },
      });
      call.on("error", (cause) => reject(new LabError("The lab's DNS API does not answer.", { cause })));
      call.on("response", (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () => {
          const answer = Buffer.concat(chunks).toString("utf8");
          if ((reply.statusCode ?? 500) >= 300) {
            reject(new LabError(`DNS API: ${method} ${path} was answered ${reply.statusCode}: ${answer}`));
          } else resolve(answer === "" ? undefined : JSON.parse(answer));
        });
      });
      call.end(text);
    });
  }

  async #parentOf(name: string): Promise<string> {
    const parents = (await this.zones()).filter(
      (zone) => zone !== name && (zone === "." || name.endsWith(`.${zone}`)),
    );
    const longest = parents.sort((a, b) => b.length - a.length)[0];
    if (!longest) throw new LabError(`The lab has no zone above ${name}`);
    return longest;
  }
}

const withDot = (name: string): string => (name.endsWith(".") ? name : `${name}.`);
const zoneId = (zone: string): string => (zone === "." ? "=2E" : encodeURIComponent(zone));
