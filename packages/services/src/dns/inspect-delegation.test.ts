import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { inspectDelegation } from "./inspect-delegation.ts";
import { TestNameServer } from "./name-server.fixture.ts";
import { signZone } from "./signed-zone.fixture.ts";

const resolverServer = new TestNameServer("127.0.0.1");
const registry = new TestNameServer("127.0.0.2", ["example"]);
const ns1 = new TestNameServer("127.0.0.3", ["a.example"]);
const all = [resolverServer, registry, ns1];
const digest = "ab".repeat(32);
let port = 0;

beforeAll(async () => {
  port = await resolverServer.start();
  for (const server of all.slice(1)) await server.start(port);
});
afterAll(() => {
  for (const server of all) server.stop();
});
beforeEach(() => {
  registry.isSilent = false;
  registry.glue = ["ns1.a.example A 127.0.0.3"];
  resolverServer.publish("example NS ns.example", "ns.example A 127.0.0.2");
  registry.publish(
    "a.example NS ns1.a.example",
    "a.example NS ns2.b.example",
    `a.example DS 48918 13 2 ${digest}`,
  );
  ns1.publish("a.example SOA 7");
});

const look = (zone = "a.example") =>
  inspectDelegation(
    zone,
    [
      { name: "ns1.a.example", addresses: ["127.0.0.3"] },
      { name: "ns2.b.example", addresses: ["127.0.0.2"] },
    ],
    { address: "127.0.0.1", port, authorityPort: port },
  );

test("the zone above is asked for name servers, glue and DS, and each name server for its version", async () => {
  expect(await look()).toEqual({
    saidBy: "ns.example",
    nameServers: ["ns1.a.example", "ns2.b.example"],
    glue: [{ name: "ns1.a.example", address: "127.0.0.3" }],
    signers: [{ keyTag: 48918, algorithm: 13, digestType: 2, digest: digest.toUpperCase() }],
    servers: [
      { nameServer: "ns1.a.example", address: "127.0.0.3", serial: 7, problem: null },
      {
        nameServer: "ns2.b.example",
        address: "127.0.0.2",
        serial: null,
        problem: "it does not answer for this zone",
        hasNoCopy: true,
      },
    ],
    keys: [],
  });
});

test("a zone that is not delegated has no name servers above it, which is not the same as nobody to ask", async () => {
  expect(await look("b.example")).toMatchObject({ nameServers: [], glue: [], signers: [] });
  registry.isSilent = true;
  expect(await look()).toMatchObject({ nameServers: null, signers: null, saidBy: null });
});

test("the keys that a DS record may lead to are those of the entry points, by the tags that records name them with", async () => {
  const inception = new Date(Date.UTC(2026, 0, 1));
  const signed = signZone("a.example", { serial: 7, inception, expiration: new Date(Date.UTC(2027, 0, 1)) });
  ns1.publish("a.example SOA 7", ...signed.lines);
  expect((await look()).keys).toEqual([{ keyTag: signed.keyTag, algorithm: 13 }]);
});
