import { planRecords } from "@mailstead/core/dns";
import { checkRecords } from "./check-records.ts";
import { TestNameServer } from "./name-server.fixture.ts";

export const resolverServer = new TestNameServer("127.0.0.1");
/** The registry of "example", the two servers of a.example, and those of another provider's zone. */
export const registry = new TestNameServer("127.0.0.2", ["example"]);
export const ns1 = new TestNameServer("127.0.0.3", ["a.example"]);
export const ns2 = new TestNameServer("127.0.1.4", ["a.example"]);
export const other = new TestNameServer("127.0.0.5", ["other.example"]);
const all = [resolverServer, registry, ns1, ns2, other];
export let port = 0;

export async function startServers(): Promise<void> {
  port = await resolverServer.start();
  for (const server of all.slice(1)) await server.start(port);
}

export function stopServers(): void {
  for (const server of all) server.stop();
}

export const key = {
  domain: "a.example",
  selector: "s1",
  algorithm: "rsa-2048",
  publicKey: "A".repeat(392),
} as const;
export const planned = planRecords({
  domain: "a.example",
  servers: [{ hostname: "mail.a.example", ipAddresses: ["198.51.100.11", "2001:db8:51::b"] }],
  dkimKeys: [key],
}).filter(({ publishedAt }) => publishedAt !== "address-provider");
export const nameServers = ["a.example NS ns1.b.example", "a.example NS ns2.b.example"];

/** The zone as it ought to be, without what `changed` names anew ("name TYPE" stands for the set). */
export function zoneWith(...changed: string[]): string[] {
  const right = [
    "a.example SOA 7",
    ...nameServers,
    ...planned.map((record) => `${record.name} ${record.type} ${record.value}`),
  ];
  const setOf = (line: string) => line.split(" ").slice(0, 2).join(" ");
  const sets = new Set(changed.map(setOf));
  return [
    ...right.filter((line) => !sets.has(setOf(line))),
    ...changed.filter((line) => setOf(line) !== line),
  ];
}

/** Everything is well again: all answer, and all say what they ought to. */
export function mendServers(): void {
  for (const server of all) {
    server.rcode = 0;
    server.isSilent = false;
    server.silentFor = null;
    server.bogusFor = null;
    server.isWithoutTcp = false;
    server.glue = [];
    server.asked.length = 0;
  }
  ns1.zones = ns2.zones = ["a.example"];
  resolverServer.publish(
    "example NS ns.example",
    ...nameServers,
    "other.example NS ns.other.example",
    "ns.example A 127.0.0.2",
    "ns1.b.example A 127.0.0.3",
    "ns2.b.example A 127.0.1.4",
    "ns.other.example A 127.0.0.5",
    "_spf.google.com TXT v=spf1 ip4:35.190.247.0/24 ~all",
  );
  registry.publish(
    "example SOA 1",
    "example NS ns.example",
    ...nameServers,
    "other.example NS ns.other.example",
  );
  ns1.publish(...zoneWith());
  ns2.publish(...zoneWith());
  other.publish("other.example SOA 1", "other.example NS ns.other.example");
}

export const resolver = () => ({ address: "127.0.0.1", port, authorityPort: port });

/** The check of the domain, with its verdicts by purpose. */
export async function check(zone: string[] = zoneWith()) {
  ns1.publish(...zone);
  ns2.publish(...zone);
  return checkNow();
}

export async function checkNow() {
  const report = await checkRecords(planned, resolver());
  if (report.kind !== "checked") throw new Error(report.sentence);
  const verdictOf = (purpose: string) =>
    report.records.find(({ record }) => record.purpose === purpose)?.verdict;
  // The servers of the tests are on the loopback of IPv4; what that means is shown by a test of its own.
  const findings =
    report.zones?.flatMap((one) => one.findings).filter(({ kind }) => kind !== "no-ipv6") ?? [];
  return { report, verdictOf, findings };
}
