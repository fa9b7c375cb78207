import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import * as dnsPacket from "dns-packet";

interface TestRecord {
  name: string;
  type: string;
  data: string;
}

// Below those that a kernel takes for whoever asks a question, one of which may have the port of the other protocol.
const ownPorts = { min: 10_000, max: 30_000, attemptsMax: 50 } as const;

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
  /** Takes no question over TCP. */
  isWithoutTcp = false;
  /** Fails for names in this zone unless checking is disabled, as a validating resolver does for a forgery. */
  bogusFor: string | null = null;
  /** Names within it lead to addresses that stand beside a delegation. */
  glue: string[] = [];
  readonly asked: string[] = [];
  #records: TestRecord[] = [];
  #udp: Socket | undefined;
  #tcp: Server | undefined;

  constructor(address: string, zones: string[] = []) {
    this.address = address;
    this.zones = zones;
  }

  /** Listens on this port, or on a free one; gives the port. May be started again after a stop. */
  async start(port?: number): Promise<number> {
    if (port !== undefined) {
      await this.#listen(port);
      return port;
    }
    for (let attempt = 1; ; attempt += 1) {
      const chosen = randomInt(ownPorts.min, ownPorts.max);
      try {
        await this.#listen(chosen);
        return chosen;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || attempt === ownPorts.attemptsMax)
          throw error;
      }
    }
  }

  async #listen(port: number): Promise<void> {
    const udp = createSocket("udp4");
    const tcp = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      if (this.isWithoutTcp) socket.destroy();
      socket.on("data", (chunk) => {
        const answer = this.#answer(chunk.subarray(2), false);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(answer.length);
        socket.write(Buffer.concat([length, answer]));
      });
    });
    udp.on("message", (message, from) => {
      const name = dnsPacket.decode(message).questions?.[0]?.name ?? "";
      if (this.isSilent || (this.silentFor !== null && isWithin(name, this.silentFor))) return;
      udp.send(this.#answer(message, true), from.port, from.address);
    });
    [this.#udp, this.#tcp] = [udp, tcp];
    try {
      tcp.listen(port, this.address);
      await once(tcp, "listening");
      udp.bind(port, this.address);
      await once(udp, "listening");
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  stop(): void {
    this.#udp?.close();
    this.#tcp?.close();
    [this.#udp, this.#tcp] = [undefined, undefined];
  }

  /** Replaces all that it knows. */
  publish(...lines: string[]): void {
    this.#records = lines.map(recordOf);
  }

  #answer(message: Buffer, isUdp: boolean): Buffer {
    const query = dnsPacket.decode(message);
    const question = query.questions?.[0];
    const name = question?.name.toLowerCase() ?? "";
    const type = question?.type ?? "";
    this.asked.push(`${name} ${type}`);
    const isForged = this.bogusFor !== null && isWithin(name, this.bogusFor) && query.flag_cd !== true;
    const answer = isForged ? { found: [], isAuthoritative: false, rcode: 2 } : this.#find(name, type);
    const option = query.additionals?.find((record) => record.type === "OPT");
    if (option?.type === "OPT" && option.flag_do) answer.found.push(...this.#signaturesOver(name, type));
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
      additionals: answer.delegation === undefined ? [] : this.glue.map(recordOf).map(encoded),
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
    // The keys of a zone are announced above it (RFC 4035 §3.1.4.1).
    if (type === "DS") return { found: this.#under(name, type), isAuthoritative: !isResolver };
    const cut = this.#records.find(
      (record) => record.type === "NS" && !this.zones.includes(record.name) && isWithin(name, record.name),
    );
    if (!isResolver && cut !== undefined)
      return { found: [], delegation: this.#under(cut.name, "NS"), isAuthoritative: false };
    const exact = this.#under(name, type);
    const alias = exact.length > 0 ? [] : this.#under(name, "CNAME");
    const wildcard = [...exact, ...alias].length > 0 ? [] : this.#under(name.replace(/^[^.]+/, "*"), type);
    // A resolver follows an alias itself.
    const followed = isResolver ? alias.flatMap(({ data }) => this.#under(data, type)) : [];
    const found = [...exact, ...alias, ...followed, ...wildcard.map((record) => ({ ...record, name }))];
    return { found, isAuthoritative: !isResolver };
  }

  #signaturesOver(name: string, type: string): TestRecord[] {
    return this.#under(name, "RRSIG").filter(({ data }) => data.startsWith(`${type} `));
  }

  #under(name: string, type: string): TestRecord[] {
    return this.#records.filter((record) => record.name === name && record.type === type);
  }
}

function recordOf(line: string): TestRecord {
  const [, name = "", type = "", data = ""] = /^(\S+) (\S+) (.*)$/s.exec(line) ?? [];
  return { name, type, data };
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
    case "SPF": {
      // Of a type that nobody asks for any more, so it is given as octets.
      const octets = Buffer.from(`${String.fromCharCode(data.length)}${data}`);
      return { type, name, ttl: 5, data: octets } as unknown as dnsPacket.Answer;
    }
    case "SOA": {
      const [serial, refresh = 3600, retry = 600, expire = 604_800, minimum = 300] = data
        .split(" ")
        .map(Number);
      return {
        type,
        name,
        ttl: 5,
        data: { mname: "ns.example", rname: "h.example", serial, refresh, retry, expire, minimum },
      } as dnsPacket.Answer;
    }
    case "DS": {
      const [keyTag, algorithm, digestType, digest = ""] = data.split(" ");
      return {
        type,
        name,
        ttl: 5,
        data: {
          keyTag: Number(keyTag),
          algorithm: Number(algorithm),
          digestType: Number(digestType),
          digest: Buffer.from(digest, "hex"),
        },
      };
    }
    case "SRV": {
      const [priority, weight, port, target = ""] = data.split(" ");
      const numbers = { priority: Number(priority), weight: Number(weight), port: Number(port) };
      return { type, name, ttl: 5, data: { ...numbers, target } };
    }
    case "CAA": {
      const [, flags, tag, value = ""] = /^(\d+) (\S+) "(.*)"$/.exec(data) ?? [];
      return {
        type,
        name,
        ttl: 5,
        data: { flags: Number(flags), tag: tag as dnsPacket.CaaData["tag"], value },
      };
    }
    case "TLSA": {
      const [usage, selector, matchingType, digest = ""] = data.split(" ");
      const numbers = {
        usage: Number(usage),
        selector: Number(selector),
        matchingType: Number(matchingType),
      };
      return { type, name, ttl: 5, data: { ...numbers, certificate: Buffer.from(digest, "hex") } };
    }
    case "SSHFP": {
      const [algorithm, hash, fingerprint = ""] = data.split(" ");
      return { type, name, ttl: 5, data: { algorithm: Number(algorithm), hash: Number(hash), fingerprint } };
    }
    case "DNSKEY": {
      const [flags, , algorithm, key = ""] = data.split(" ");
      return {
        type,
        name,
        ttl: 5,
        data: { flags: Number(flags), algorithm: Number(algorithm), key: Buffer.from(key, "base64") },
      };
    }
    case "RRSIG": {
      const [typeCovered, algorithm, labels, ttl, expiration, inception, keyTag, signersName, signature] =
        data.split(" ");
      return {
        type,
        name,
        ttl: 5,
        data: {
          typeCovered,
          algorithm: Number(algorithm),
          labels: Number(labels),
          originalTTL: Number(ttl),
          expiration: Number(expiration),
          inception: Number(inception),
          keyTag: Number(keyTag),
          signersName,
          signature: Buffer.from(signature ?? "", "base64"),
        },
      } as dnsPacket.Answer;
    }
    default:
      return { type, name, ttl: 5, data } as dnsPacket.Answer;
  }
}
