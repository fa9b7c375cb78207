import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import * as dnsPacket from "dns-packet";

interface TestRecord {
  name: string;
  type: string;
  data: string;
}

// Longer answers do not fit into a packet and go over TCP.
const udpTextMax = 1000;

/**
 * A name server on a loopback address. It answers from lines like "a.example MX 10 mail.a.example": with authority in
 * its `zones`, by delegation below them, with REFUSED elsewhere; without zones it is a resolver and answers all it knows.
 */
export class TestNameServer {
  readonly address: string;
  zones: string[];
  /** Answers everything with this code when it is not 0. */
  rcode = 0;
  /** Hears and says nothing. */
  isSilent = false;
  /** Says nothing of names in this zone, as a resolver does whose own questions are not answered. */
  silentFor: string | null = null;
  readonly asked: string[] = [];
  #records: TestRecord[] = [];
  readonly #udp: Socket = createSocket("udp4");
  readonly #tcp: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const answer = this.#answer(chunk.subarray(2), false);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    });
  });

  constructor(address: string, zones: string[] = []) {
    this.address = address;
    this.zones = zones;
  }

  /** Listens on this port, or on a free one; gives the port. */
  async start(port = 0): Promise<number> {
    await new Promise<void>((resolve) => this.#tcp.listen(port, this.address, resolve));
    const bound = this.#tcp.address();
    const own = typeof bound === "object" && bound !== null ? bound.port : 0;
    this.#udp.on("message", (message, from) => {
      const name = dnsPacket.decode(message).questions?.[0]?.name ?? "";
      if (this.isSilent || (this.silentFor !== null && isWithin(name, this.silentFor))) return;
      this.#udp.send(this.#answer(message, true), from.port, from.address);
    });
    await new Promise<void>((resolve) => this.#udp.bind(own, this.address, resolve));
    return own;
  }

  stop(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  /** Replaces all that it knows. */
  publish(...lines: string[]): void {
    this.#records = lines.map((line) => {
      const [, name = "", type = "", data = ""] = /^(\S+) (\S+) (.*)$/s.exec(line) ?? [];
      return { name, type, data };
    });
  }

  #answer(message: Buffer, isUdp: boolean): Buffer {
    const query = dnsPacket.decode(message);
    const question = query.questions?.[0];
    const name = question?.name.toLowerCase() ?? "";
    const type = question?.type ?? "";
    this.asked.push(`${name} ${type}`);
    const answer = this.#find(name, type);
    const isCut = isUdp && answer.found.map((record) => record.data).join("").length > udpTextMax;
    return dnsPacket.encode({
      type: "response",
      id: query.id ?? 0,
      flags:
        (answer.rcode ?? this.rcode) |
        (answer.isAuthoritative ? dnsPacket.AUTHORITATIVE_ANSWER : 0) |
        (isCut ? dnsPacket.TRUNCATED_RESPONSE : 0),
      questions: query.questions ?? [],
      answers: isCut ? [] : answer.found.map(encoded),
      authorities: (answer.delegation ?? []).map(encoded),
    });
  }

  #find(
    name: string,
    type: string,
  ): { found: TestRecord[]; delegation?: TestRecord[]; isAuthoritative: boolean; rcode?: number } {
    if (this.rcode !== 0) return { found: [], isAuthoritative: false };
    const isResolver = this.zones.length === 0;
    const zone = this.zones.find((one) => isWithin(name, one));
    if (zone === undefined && !isResolver) return { found: [], isAuthoritative: false, rcode: 5 };
    const cut = this.#records.find(
      (record) => record.type === "NS" && !this.zones.includes(record.name) && isWithin(name, record.name),
    );
    if (!isResolver && cut !== undefined)
      return { found: [], delegation: this.#under(cut.name, "NS"), isAuthoritative: false };
    const exact = this.#under(name, type);
    const alias = exact.length > 0 ? [] : this.#under(name, "CNAME");
    const wildcard = [...exact, ...alias].length > 0 ? [] : this.#under(name.replace(/^[^.]+/, "*"), type);
    const found = [...exact, ...alias, ...wildcard.map((record) => ({ ...record, name }))];
    return { found, isAuthoritative: !isResolver };
  }

  #under(name: string, type: string): TestRecord[] {
    return this.#records.filter((record) => record.name === name && record.type === type);
  }
}

function isWithin(name: string, zone: string): boolean {
  return `.${name}`.endsWith(`.${zone}`);
}

function encoded({ name, type, data }: TestRecord): dnsPacket.Answer {
  switch (type) {
    case "TXT":
      return { type, name, ttl: 5, data: data.match(/[\s\S]{1,255}/g) ?? [] };
    case "MX":
      return {
        type,
        name,
        ttl: 5,
        data: { preference: Number(data.split(" ")[0]), exchange: data.split(" ")[1] ?? "" },
      };
    case "TLSA": {
      const [usage, selector, matchingType, hex = ""] = data.split(" ");
      const certificate = Buffer.from(hex, "hex");
      return {
        type,
        name,
        ttl: 5,
        data: {
          usage: Number(usage),
          selector: Number(selector),
          matchingType: Number(matchingType),
          certificate,
        },
      };
    }
    case "SOA":
      return {
        type,
        name,
        ttl: 5,
        data: {
          mname: "ns.example",
          rname: "h.example",
          serial: Number(data),
          refresh: 60,
          retry: 60,
          expire: 60,
          minimum: 5,
        },
      };
    default:
      return { type, name, ttl: 5, data } as dnsPacket.Answer;
  }
}
