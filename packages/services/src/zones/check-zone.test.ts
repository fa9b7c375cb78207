import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listFindingChanges, listOpenErrors } from "../checks/index.ts";
import { makeNameServer } from "../dns/name-server.testing.ts";
import { checkDueZones, checkZone, getZone, listZones, recordZoneCheck } from "./index.ts";
import { count, host, t, useZoneWorld, zone } from "./zone-world.testing.ts";

useZoneWorld();

const minute = 60_000;
const resolver = makeNameServer("127.0.0.1");
const registry = makeNameServer("127.0.0.2", ["example"]);
let port = 0;
beforeAll(async () => {
  port = await resolver.start();
  await registry.start(port);
});
afterAll(() => {
  resolver.stop();
  registry.stop();
});

const atTest = () => ({ address: "127.0.0.1", port, authorityPort: port });
const runDue = () =>
  checkDueZones(t.system, { app: t.database.app, installation: t.installation, resolver: atTest() });
const seen = (serials: readonly (number | null)[]) => ({
  nameServers: [`a${count}.msp.example`, `b${count}.msp.example`],
  glue: [],
  signers: [],
  saidBy: "ns.example",
  servers: serials.map((serial, index) => ({
    nameServer: `${"ab"[index]}${count}.msp.example`,
    address: `198.51.100.1${index + 1}`,
    serial,
    problem: serial === null ? "no answer within 3 s" : null,
  })),
});
const look = async (zoneId: string, serials: readonly (number | null)[]) => {
  await recordZoneCheck(t.owner, { zoneId, report: { kind: "checked", seen: seen(serials) } });
};
const open = async () =>
  (await listFindingChanges(t.owner)).flatMap(({ what, severity, sentence, subject }) =>
    what === "opened" && subject.name === zone ? [`${severity} ${sentence}`] : [],
  );
const pass = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

describe("the worker looks at hosted zones", () => {
  test("soon after a change and then daily, and what it finds is kept as findings of the zone", async () => {
    const zoneId = await host();
    await runDue();
    expect((await getZone(t.owner, { zoneId })).checkedAt).toBeNull();
    pass(2 * minute);
    resolver.publish("example NS ns.example", "ns.example A 127.0.0.2");
    registry.publish(`${zone} NS old.example`, "example SOA 1");
    expect((await runDue()).checked).toContain(zoneId);
    expect(await open()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^instruction Set the name servers of zone\d+\.example to a/),
      ]),
    );
    expect((await runDue()).checked).not.toContain(zoneId);
    pass(26 * 60 * minute);
    expect((await runDue()).checked).toContain(zoneId);
  });

  test("and a resolver that is silent says nothing of them, and they are looked at again in a minute", async () => {
    const zoneId = await host();
    pass(2 * minute);
    resolver.isSilent = true;
    const silent = await checkZone(t.owner, { zoneId }, atTest());
    resolver.isSilent = false;
    expect(silent).toMatchObject({ kind: "resolver-silent" });
    expect(await open()).toEqual([]);
    pass(minute);
    expect((await runDue()).checked).toContain(zoneId);
  });
});

describe("what is found in a hosted zone", () => {
  test("opens when versions have differed for ten minutes, and closes when they agree", async () => {
    const zoneId = await host();
    await look(zoneId, [5, 4]);
    expect((await open()).join()).not.toContain("different versions");
    pass(10 * minute);
    await look(zoneId, [6, 4]);
    expect(await open()).toContainEqual(
      expect.stringMatching(/^warning The name servers hold different versions/),
    );
    await look(zoneId, [6, 6]);
    expect((await open()).join()).not.toContain("different versions");
  });

  test("names the zone where it hurts mail, and Home shows it as an error", async () => {
    const zoneId = await host();
    await look(zoneId, [null, null]);
    expect(await listOpenErrors(t.owner)).toContainEqual(
      expect.objectContaining({
        sentence: expect.stringContaining(`do not answer for ${zone}`),
        subject: { kind: "zone", id: zoneId, name: zone },
      }),
    );
    expect((await listZones(t.owner)).find(({ id }) => id === zoneId)).toMatchObject({ standing: "waiting" });
    await look(zoneId, [null, 5]);
    expect(await open()).toContainEqual(expect.stringMatching(/^warning a\d+\.msp\.example, the primary of/));
  });
});
