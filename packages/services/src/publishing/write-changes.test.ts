import type { SetChange } from "@mailstead/core/publishing";
import { expect, it } from "vitest";
import { DnsProviderError, type DnsProviderProblem, writeChanges } from "../dns/index.ts";
import { TestZones } from "./zones.fixture.ts";

const change = (line: string, before: string[], after: string[]): SetChange => {
  const [name = "", type = ""] = line.split(" ");
  return { name, type, ttlSeconds: 3600, before, after, added: [], removed: [], replaced: [] };
};
const write = (zones: TestZones, changes: SetChange[]) =>
  writeChanges(
    { provider: zones, zone: { name: "a.example", id: "a.example" }, changes },
    { lookAgainAfterMs: [] },
  );
/** A zone that takes only the first changes of a request and then says this. */
function failingZone(problem: DnsProviderProblem, { after }: { after: number }): TestZones {
  const zones = new TestZones("a.example");
  zones.writesOnly = after;
  zones.writeError = new DnsProviderError(problem, "No.");
  return zones;
}
const aliasGoes = change("www.a.example CNAME", ["old.example"], []);
const addressComes = change("www.a.example A", [], ["192.0.2.1"]);
const textComes = change("a.example TXT", [], ["v=spf1 -all"]);

it.each(["provider-failed", "rate-limited", "rejected"] as const)(
  "a name that lost its alias and got nothing for it has its alias again (%s)",
  async (problem) => {
    const zones = failingZone(problem, { after: 1 });
    zones.put("www.a.example CNAME old.example");
    expect(await write(zones, [aliasGoes, addressComes])).toMatchObject({
      kind: "failed",
      error: { problem },
    });
    expect(zones.lines()).toEqual(["www.a.example CNAME old.example"]);
  },
);

it("what was written under other names stays, and what is open is told", async () => {
  const zones = failingZone("provider-failed", { after: 2 });
  zones.put("www.a.example CNAME old.example");
  expect(await write(zones, [aliasGoes, textComes, addressComes])).toMatchObject({
    kind: "half-done",
    done: [textComes],
    open: [aliasGoes, addressComes],
  });
  expect(zones.lines()).toEqual(["a.example TXT v=spf1 -all", "www.a.example CNAME old.example"]);
});

it("what was only to go is not put back", async () => {
  const zones = failingZone("provider-failed", { after: 1 });
  zones.put("a.example TXT v=spf1 -all", "a.example MX 10 mail.a.example");
  const goes = [
    change("a.example TXT", ["v=spf1 -all"], []),
    change("a.example MX", ["10 mail.a.example"], []),
  ];
  expect(await write(zones, goes)).toMatchObject({ kind: "half-done", done: [goes[0]], open: [goes[1]] });
  expect(zones.lines()).toEqual(["a.example MX 10 mail.a.example"]);
});

it("a zone that changed since it was planned for is not written", async () => {
  const zones = new TestZones("a.example");
  zones.put("a.example TXT new=1");
  expect(await write(zones, [textComes])).toEqual({ kind: "changed-meanwhile" });
  expect(zones.writes).toBe(0);
});

it.each([
  ["unreachable", true],
  ["provider-failed", true],
  ["unreadable", true],
  ["rate-limited", false],
  ["not-allowed", false],
] as const)("after %s the values may still come: %s", async (problem, mayStillCome) => {
  expect(await write(failingZone(problem, { after: 0 }), [textComes])).toMatchObject({
    kind: "failed",
    mayStillCome,
  });
});

it("a provider that cannot be read before it is written to will write nothing later", async () => {
  const zones = new TestZones("a.example");
  zones.error = new DnsProviderError("unreachable", "No.");
  expect(await write(zones, [textComes])).toMatchObject({ kind: "failed", mayStillCome: false });
});

it("a set that changed after others were written is told as open, and nothing is put back over it", async () => {
  const zones = failingZone("changed-meanwhile", { after: 1 });
  expect(await write(zones, [textComes, addressComes])).toMatchObject({
    kind: "half-done",
    done: [textComes],
    open: [addressComes],
  });
  expect(await write(failingZone("changed-meanwhile", { after: 0 }), [textComes])).toEqual({
    kind: "changed-meanwhile",
  });
});
