import { createSocket, type Socket } from "node:dgram";
import { createServer, type Server } from "node:net";
import { planRecords } from "@mailstead/core/dns";
import * as dnsPacket from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askAuthorities } from "./ask-authorities.ts";
import { checkRecords } from "./check-records.ts";
import { queryNameServer } from "./query-name-server.ts";

/** A name server on loopback that answers TXT questions from a table; answers longer than a packet go over TCP. */
class TestNameServer {
  readonly texts = new Map<string, string[]>();
  #udp: Socket = createSocket("udp4");
  #tcp: Server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const answer = this.#answer(chunk.subarray(2), false);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    });
  });
  port = 0;
  rcode = 0;

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#tcp.listen(0, "127.0.0.1", resolve));
    const address = this.#tcp.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    this.#udp.on("message", (message, from) =>
      this.#udp.send(this.#answer(message, true), from.port, from.address),
    );
    await new Promise<void>((resolve) => this.#udp.bind(this.port, "127.0.0.1", resolve));
  }

  stop(): void {
    this.#udp.close();
    this.#tcp.close();
  }

  #answer(message: Buffer, isUdp: boolean): Buffer {
    const query = dnsPacket.decode(message);
    const question = query.questions?.[0];
    const texts = this.texts.get(question?.name ?? "") ?? [];
    const isCut = isUdp && texts.join("").length > 1000;
    return dnsPacket.encode({
      type: "response",
      id: query.id ?? 0,
      flags: this.rcode | dnsPacket.AUTHORITATIVE_ANSWER | (isCut ? dnsPacket.TRUNCATED_RESPONSE : 0),
      questions: query.questions ?? [],
      answers: isCut
        ? []
        : texts.map((data) => ({
            type: "TXT",
            name: question?.name ?? "",
            ttl: 5,
            data: data.match(/.{1,255}/g) ?? [],
          })),
    });
  }
}

const server = new TestNameServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

describe("asking an authoritative server", () => {
  const authority = () => ({ name: "ns1.example", address: "127.0.0.1", port: server.port });

  it("joins the strings of a TXT record", async () => {
    server.texts.set("long.example", ["a".repeat(300)]);
    const [answer] = await askAuthorities([authority()], { name: "long.example", type: "TXT" });
    expect(answer).toMatchObject({ kind: "answered", values: ["a".repeat(300)] });
  });

  it("asks again over TCP when the answer was cut off", async () => {
    server.texts.set(
      "huge.example",
      Array.from({ length: 20 }, (_, index) => `${index} ${"b".repeat(200)}`),
    );
    const reply = await queryNameServer(authority(), { name: "huge.example", type: "TXT" });
    expect(reply.answers).toHaveLength(20);
  });

  it("a refusing server is a failed answer that names it", async () => {
    server.rcode = 5;
    const [answer] = await askAuthorities([authority()], { name: "long.example", type: "TXT" });
    server.rcode = 0;
    expect(answer).toMatchObject({ kind: "failed", problem: "ns1.example answered REFUSED" });
  });
});

describe("checking a domain", () => {
  it("a silent resolver is one finding and not one per record", async () => {
    const silent = createSocket("udp4");
    await new Promise<void>((resolve) => silent.bind(0, "127.0.0.1", resolve));
    const records = planRecords({ domain: "alpha.example", servers: [], dkimKeys: [] });
    const check = await checkRecords(records, { address: "127.0.0.1", port: silent.address().port });
    silent.close();
    expect(check.kind).toBe("resolver-silent");
  });
});
