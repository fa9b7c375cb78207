import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  check,
  mendServers,
  ns1,
  ns2,
  resolver,
  resolverServer,
  startServers,
  stopServers,
  zoneWith,
} from "./checked-domain.fixture.ts";
import { DnsView } from "./dns-view.ts";
import { queryNameServer } from "./query-name-server.ts";

beforeAll(startServers);
afterAll(stopServers);
beforeEach(mendServers);

const many = 100;
const times = <Value>(count: number, make: (index: number) => Value) =>
  Array.from({ length: count }, (_, index) => make(index));

describe("a zone whose owner wishes us ill costs little", () => {
  it("aliases that part ways at every name are followed for a few names only", async () => {
    let level = ["x.a.example"];
    for (let depth = 0; depth < 7; depth += 1) {
      level = level.flatMap((name) => [`l.${name}`, `r.${name}`]);
    }
    const names = new Set(
      level.flatMap((name) => name.split(".").map((_, at, all) => all.slice(at).join("."))),
    );
    const aliases = (side: string) =>
      [...names]
        .filter((name) => name.endsWith("x.a.example"))
        .map((name) => `${name} CNAME ${side}.${name}`);
    ns1.publish(...zoneWith(), ...aliases("l"));
    ns2.publish(...zoneWith(), ...aliases("r"));
    await new DnsView(resolver()).askEverywhere({ name: "x.a.example", type: "TXT" });
    expect(ns1.asked.filter((question) => question.endsWith("x.a.example TXT")).length).toBeLessThan(10);
  });

  it("hundreds of SPF records are one finding, and what each of them asks for is not looked up", async () => {
    const records = times(many, (index) => `a.example TXT v=spf1 a:h${index}.a.example -all`);
    const { verdictOf } = await check(zoneWith(...records));
    expect(verdictOf("spf")).toMatchObject({ kind: "different" });
    expect(ns1.asked.filter((question) => /^h\d+\./.test(question))).toEqual([]);
  });

  it("of hundreds of name servers and of hosts that take reports, a few are looked for", async () => {
    const named = times(many, (index) => `a.example NS n${index}.b.example`);
    const hosts = times(many, (index) => `reports.a.example MX 10 m${index}.b.example`);
    const reports = "_dmarc.a.example TXT v=DMARC1; p=reject; rua=mailto:x@reports.a.example";
    await check(zoneWith(reports, ...named, ...hosts));
    const looked = (name: RegExp) => resolverServer.asked.filter((question) => name.test(question)).length;
    expect(looked(/^n\d+\.b\.example A$/)).toBeLessThan(20);
    expect(looked(/^m\d+\.b\.example A$/)).toBeLessThan(20);
  });

  it("a server that sends its answer drop by drop is given up on", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write(Buffer.from([0x40]));
      const drops = setInterval(() => socket.write(Buffer.from([0])), 200);
      socket.on("close", () => clearInterval(drops));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const asked = queryNameServer(
      { address: "127.0.0.1", port },
      { name: "a.example", type: "SOA", overTcp: true },
    );
    await expect(asked).rejects.toThrow("did not answer over TCP within 2 s");
    server.close();
  }, 10_000);
});
