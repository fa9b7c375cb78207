import type { PlannedRecord } from "@mailstead/core/dns";
import {
  type PublishOutcome,
  type PublishRequest,
  type RecordPublisher,
  type Resolver,
  type Witness,
  witnessNames,
} from "../dns/index.ts";
import { makeNameServer, type NameServerForTests } from "../dns/name-server.testing.ts";

/** A zone at a provider, on two authoritative servers, either of which may be late. */
export class TestZone implements RecordPublisher {
  readonly #domainName: string;
  readonly #resolver = makeNameServer("127.0.0.1");
  readonly #registry = makeNameServer("127.0.0.2", ["example"]);
  readonly #servers: NameServerForTests[];
  /** Answer for the zone that delegated names lead to, when there is one. */
  readonly #ourServers: NameServerForTests[];
  readonly #ourZone: string | null;
  /** What the customer has pasted once: names of the domain's that stand for others. */
  readonly #aliases = new Map<string, string>();
  readonly #heard = new Map<string, Promise<Witness>>();
  #records = new Map<string, string>();
  #serial = 1;
  #port = 0;
  /** Places of the servers that still show what stood before. */
  late = new Set<number>();
  /** What the provider answers instead of doing what it is asked. */
  refusal: Exclude<PublishOutcome, { kind: "published" }> | null = null;
  /** No provider is connected but for this zone. */
  byHandOutsideOf: string | null = null;
  readonly requests: PublishRequest[] = [];

  constructor(domainName: string, ourZone: string | null = null) {
    this.#domainName = domainName;
    this.#ourZone = ourZone;
    this.#servers = ["127.0.0.3", "127.0.0.4"].map((address) => makeNameServer(address, [domainName]));
    this.#ourServers =
      ourZone === null ? [] : ["127.0.0.5", "127.0.0.6"].map((address) => makeNameServer(address, [ourZone]));
  }

  async open(): Promise<void> {
    this.#port = await this.#resolver.start();
    for (const server of [this.#registry, ...this.#servers, ...this.#ourServers])
      await server.start(this.#port);
    const delegation = [
      ...nameServersOf(this.#domainName, "host"),
      ...(this.#ourZone === null ? [] : nameServersOf(this.#ourZone, "our")),
    ];
    this.#registry.publish("example SOA 1", "example NS ns.example", ...delegation);
    this.#resolver.publish(
      "example NS ns.example",
      "ns.example A 127.0.0.2",
      ...delegation,
      "ns1.host.example A 127.0.0.3",
      "ns2.host.example A 127.0.0.4",
      "ns1.our.example A 127.0.0.5",
      "ns2.our.example A 127.0.0.6",
    );
    this.show();
  }

  close(): void {
    const servers = [this.#resolver, this.#registry, ...this.#servers, ...this.#ourServers];
    for (const server of servers) server.stop();
  }

  get resolver(): Resolver {
    return { address: "127.0.0.1", port: this.#port, authorityPort: this.#port };
  }

  /** What its name servers say; they are not asked again while they would say the same. */
  readonly witness = (names: readonly string[]): Promise<Witness> => {
    const question = JSON.stringify(names);
    const heard = this.#heard.get(question) ?? witnessNames(names, this.resolver);
    this.#heard.set(question, heard);
    return heard;
  };

  get names(): string[] {
    return [...this.#records.keys()].sort();
  }

  get texts(): string[] {
    return [...this.#records.values()];
  }

  textOf(selector: string): string | null {
    const name = `${selector}._domainkey.${this.#domainName}`;
    return this.#records.get(this.#aliases.get(name) ?? name) ?? null;
  }

  /** Pastes aliases into the customer's zone, once and for all. */
  paste(records: readonly PlannedRecord[]): void {
    for (const { name, value } of records) this.#aliases.set(name, value);
    this.#serial += 1;
    this.show();
  }

  async publish(request: PublishRequest): Promise<PublishOutcome> {
    this.requests.push(request);
    if (this.refusal !== null) return this.refusal;
    const reached = this.byHandOutsideOf;
    if (reached !== null && request.put.some(({ name }) => !name.endsWith(reached)))
      return { kind: "by-hand" };
    return this.change(request);
  }

  change({
    put,
    withdraw,
  }: {
    put: readonly PlannedRecord[];
    withdraw: readonly PlannedRecord[];
  }): PublishOutcome {
    const before = JSON.stringify([...this.#records]);
    for (const { name, value } of withdraw) if (this.#records.get(name) === value) this.#records.delete(name);
    for (const { name, value, type } of put) if (type === "TXT") this.#records.set(name, value);
    if (before !== JSON.stringify([...this.#records])) this.#serial += 1;
    this.show();
    return { kind: "published", changes: put.length + withdraw.length };
  }

  forget(selector: string): void {
    this.#records.delete(`${selector}._domainkey.${this.#domainName}`);
    this.#serial += 1;
    this.show();
  }

  /** Brings every server that is not late to the newest version of the zone. */
  show(): void {
    this.#heard.clear();
    const texts = [...this.#records].map(([name, value]) => `${name} TXT ${value}`);
    const isOurs = (line: string) => this.#ourZone !== null && line.split(" ")[0]?.endsWith(this.#ourZone);
    const lines = [
      `${this.#domainName} SOA ${this.#serial}`,
      ...nameServersOf(this.#domainName, "host"),
      ...texts.filter((line) => !isOurs(line)),
      ...[...this.#aliases].map(([name, target]) => `${name} CNAME ${target}`),
    ];
    for (const [place, server] of this.#servers.entries())
      if (!this.late.has(place)) server.publish(...lines);
    if (this.#ourZone === null) return;
    const ours = [
      `${this.#ourZone} SOA ${this.#serial}`,
      ...nameServersOf(this.#ourZone, "our"),
      ...texts.filter(isOurs),
    ];
    for (const [place, server] of this.#ourServers.entries())
      if (!this.late.has(place)) server.publish(...ours);
  }
}

function nameServersOf(zone: string, place: string): string[] {
  return [1, 2].map((number) => `${zone} NS ns${number}.${place}.example`);
}

/** A host as its control plane sees it: it makes keys, applies what it is told, and signs what it is asked to sign. */
