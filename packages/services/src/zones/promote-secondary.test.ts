import type { SeenDelegation } from "@mailstead/core/zones";
import { jobs, zones } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { listAudit } from "../audit/index.ts";
import { removeServer } from "../servers/index.ts";
import { recordZoneCheck } from "./check-zone.ts";
import { getZone, previewPromotion, promoteSecondary, rollZoneKey } from "./index.ts";
import {
  count,
  host,
  makeServer,
  primary,
  secondary,
  t,
  useZoneWorld,
  zone,
  zonesOn,
} from "./zone-world.testing.ts";

useZoneWorld();

const signer = { keyTag: 7, algorithm: 13, digestType: 2, digest: "AA" };
const seenWith = (changes: Partial<SeenDelegation>): SeenDelegation => ({
  nameServers: [`a${count}.msp.example`, `b${count}.msp.example`],
  glue: [],
  signers: [],
  saidBy: "above.example",
  servers: [
    { nameServer: `a${count}.msp.example`, address: "198.51.100.11", serial: null, problem: "no answer" },
    { nameServer: `b${count}.msp.example`, address: "198.51.100.12", serial: 3_000_000_000, problem: null },
  ],
  ...changes,
});
const look = (zoneId: string, changes: Partial<SeenDelegation> = {}) =>
  recordZoneCheck(t.owner, { zoneId, report: { kind: "checked", seen: seenWith(changes) } });

describe("the secondary of a zone whose primary is lost", () => {
  it("takes its place, and another server follows it; what is left to do is shown before", async () => {
    const zoneId = await host();
    await look(zoneId);
    const third = await makeServer(`c${count}`, ["198.51.100.13"]);
    const plan = await previewPromotion(t.owner, { zoneId, followerId: third });
    expect(plan).toMatchObject({
      signers: "none",
      warning: null,
      delegation: { nameServers: [`b${count}.msp.example`, `c${count}.msp.example`] },
    });
    const before = (await zonesOn(secondary)).zones.find(({ name }) => name === zone);
    await promoteSecondary(t.owner, { zoneId, followerId: third, confirmedName: zone });
    const now = (await zonesOn(secondary)).zones.find(({ name }) => name === zone);
    expect(now).toMatchObject({
      role: "primary",
      peerAddresses: ["198.51.100.13"],
      transferSecret: before?.transferSecret,
      nameServers: [{ name: `b${count}.msp.example` }, { name: `c${count}.msp.example` }],
    });
    // Above what the world has seen, or nobody would take it.
    expect(now?.role === "primary" ? now.serial : 0).toBe(3_000_000_001);
    expect((await zonesOn(third)).zones).toMatchObject([
      { name: zone, role: "secondary", peerAddresses: ["198.51.100.12"] },
    ]);
    expect((await zonesOn(primary)).zones.map(({ name }) => name)).not.toContain(zone);
    const shown = await getZone(t.owner, { zoneId });
    expect(shown.servers.map(({ role, serverId }) => [role, serverId])).toEqual([
      ["primary", secondary],
      ["secondary", third],
    ]);
    expect(shown.delegation.signers).toEqual([]);
    expect((await listAudit(t.owner, {})).entries[0]).toMatchObject({ action: "promote-zone-secondary" });
    // Nothing holds the lost server any more.
    await removeServer(t.owner, { serverId: primary });
  });

  it("changes places with it when that may come back, under the names that the world knows", async () => {
    const names = { primary: `ns1.${zone}`, secondary: `ns2.${zone}` };
    const zoneId = await host({ nameServers: names });
    await look(zoneId);
    await promoteSecondary(t.owner, { zoneId, followerId: primary, confirmedName: zone });
    expect((await zonesOn(secondary)).zones.find(({ name }) => name === zone)).toMatchObject({
      role: "primary",
      nameServers: [{ name: names.secondary }, { name: names.primary }],
    });
    expect((await zonesOn(primary)).zones.find(({ name }) => name === zone)).toMatchObject({
      role: "secondary",
    });
  });

  it("waits while a DS record leads to the lost keys, unless the outage is accepted", async () => {
    const zoneId = await host();
    await look(zoneId, { signers: [signer] });
    const wanted = { zoneId, followerId: primary, confirmedName: zone };
    await expect(promoteSecondary(t.owner, wanted)).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringMatching(/^First take away the DS record .* \(7 13 2 AA\)/),
    });
    expect((await zonesOn(secondary)).zones).toMatchObject([{ role: "secondary" }]);
    await promoteSecondary(t.owner, { ...wanted, isOutageAccepted: true });
    expect((await zonesOn(secondary)).zones).toMatchObject([{ role: "primary" }]);
  });

  it("is promoted by admins only, with the zone's name, and with a server that can follow", async () => {
    const zoneId = await host();
    await look(zoneId);
    const wanted = { zoneId, followerId: primary, confirmedName: zone };
    const refused = (change: Partial<typeof wanted>, kind: string, ctx = t.owner) =>
      expect(promoteSecondary(ctx, { ...wanted, ...change })).rejects.toMatchObject({ kind });
    await refused({}, "forbidden", t.as("technician"));
    await refused({ confirmedName: "other.example" }, "precondition-failed");
    await refused({ followerId: secondary }, "invalid");
    await refused(
      { followerId: await makeServer(`d${count}`, ["198.51.100.14"], false) },
      "precondition-failed",
    );
    await expect(previewPromotion(await t.makeStranger(), wanted)).rejects.toMatchObject({
      kind: "not-found",
    });
  });
});

describe("the key that a zone's DS record leads to", () => {
  it("is rolled by an order to the primary, once a DS record leads to it", async () => {
    const zoneId = await host();
    await look(zoneId, { signers: [signer] });
    await expect(rollZoneKey(t.owner, { zoneId })).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringMatching(/^No DS record above/),
    });
    const known = { signers: [signer], publicKeys: ["257 3 13 AA"] };
    await t.database.admin.query.update(zones).set(known).where(eq(zones.id, zoneId));
    await expect(rollZoneKey(t.as("technician"), { zoneId })).rejects.toMatchObject({ kind: "forbidden" });
    const { jobId } = await rollZoneKey(t.owner, { zoneId });
    const [job] = await t.database.admin.query.select().from(jobs).where(eq(jobs.id, jobId));
    expect(job).toMatchObject({ serverId: primary, verb: "roll-zone-key", args: { zone } });
    const both = { publicKeys: ["257 3 13 AA", "257 3 13 BB"] };
    await t.database.admin.query.update(zones).set(both).where(eq(zones.id, zoneId));
    await expect(rollZoneKey(t.owner, { zoneId })).rejects.toMatchObject({
      message: expect.stringMatching(/is being rolled already/),
    });
  });
});
