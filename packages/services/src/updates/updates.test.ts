import { randomUUID } from "node:crypto";
import type { Inventory, WaitingUpdate } from "@mailstead/core/updates";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import {
  getServerInventory,
  getUpdatesOverview,
  listServerPackages,
  listServersToRestart,
  listWaitingPackages,
  listWaitingUpdates,
  searchPackages,
} from "./index.ts";

let shared: TestDatabase;
let t: ServerTest;
let epoch: string;
let sequence: number;
beforeAll(async () => {
  shared = await openTestDatabase();
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  epoch = randomUUID();
  sequence = 0;
  return () => t.close();
});
afterAll(() => shared.close());

const old = "3.0.20-1~deb12u2";
const fixed = "3.0.22-1~deb12u2";
const packageOf = (name: string, version: string, sourceName = name): Inventory["packages"][number] => ({
  name,
  architecture: "amd64",
  version,
  sourceName,
  sourceVersion: version,
});
const updateOf = (name: string, changed: Partial<WaitingUpdate> = {}): WaitingUpdate => ({
  name,
  architecture: "amd64",
  from: old,
  to: fixed,
  origin: "Debian-Security:12/oldstable-security",
  isSecurity: true,
  urgency: "high",
  cves: ["CVE-2026-75805", "CVE-2026-84782"],
  sourceName: "openssl",
  ...changed,
});
const inventory: Inventory = {
  at: Date.parse("2026-11-20T11:59:00Z"),
  packages: [
    packageOf("bash", "5.2.15-2+b8"),
    packageOf("libssl3", old, "openssl"),
    packageOf("openssl", old),
  ],
  untoldPackages: 0,
  updates: [
    updateOf("libssl3"),
    updateOf("openssl"),
    updateOf("bash", {
      sourceName: "bash",
      from: "5.2.15-2+b8",
      to: "5.2.15-2+b13",
      isSecurity: false,
      urgency: null,
      cves: [],
      origin: "Debian:12.15/oldstable",
    }),
  ],
  runningKernel: "6.1.0-50-amd64",
  newestKernel: "6.1.0-57-amd64",
  isRebootRequired: false,
  rebootPackages: [],
  outdatedUnits: [{ unit: "dovecot.service", files: ["/usr/lib/x86_64-linux-gnu/libssl.so.3"] }],
  agentVersion: "1.0.0",
  cves: { kind: "read" },
};
const upToDate: Inventory = {
  ...inventory,
  packages: [
    packageOf("bash", "5.2.15-2+b13"),
    packageOf("libssl3", fixed, "openssl"),
    packageOf("openssl", fixed),
  ],
  updates: [],
  runningKernel: "6.1.0-57-amd64",
  outdatedUnits: [],
};

const tell = (batch: unknown, serverId = t.serverId) =>
  storeTelemetry(t.gateway, { serverId, stream: "inventory", epoch, sequence: ++sequence, batch });

/** Another server, by default of the same customer, that has told the given inventory. */
async function addTold(name: string, told: Inventory, tenantId = t.tenantId): Promise<string> {
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await tell(told, serverId);
  return serverId;
}

describe("what a host tells of its software", () => {
  test("is on its server's page", async () => {
    expect(await getServerInventory(t.owner, { serverId: t.serverId })).toBeNull();
    expect(await tell(inventory)).toEqual({ storedSequence: 1, problem: null });
    expect(await getServerInventory(t.owner, { serverId: t.serverId })).toMatchObject({
      toldAt: new Date(inventory.at),
      agentVersion: "1.0.0",
      rebootReasons: [{ kind: "kernel", running: "6.1.0-50-amd64", newest: "6.1.0-57-amd64" }],
      outdatedUnits: inventory.outdatedUnits,
      packageCount: 3,
      areUpdatesKnown: true,
      changelogsSentence: null,
      updates: [updateOf("libssl3"), updateOf("openssl"), { name: "bash", to: "5.2.15-2+b13" }],
    });
    const first = await listServerPackages(t.owner, { serverId: t.serverId, limit: 2 });
    expect(first).toMatchObject({ total: 3, packages: [{ name: "bash" }, { name: "libssl3", to: fixed }] });
    expect(
      await listServerPackages(t.owner, { serverId: t.serverId, cursor: first.nextCursor ?? "" }),
    ).toMatchObject({ packages: [{ name: "openssl" }], nextCursor: null });
    const ofSource = await listServerPackages(t.owner, { serverId: t.serverId, search: "OpenSSL" });
    expect(ofSource.packages.map(({ name }) => name)).toEqual(["libssl3", "openssl"]);
  });

  test("and tells again changes only the rows that are other than before", async () => {
    await tell(inventory);
    const readRows = async (table: string) =>
      new Map(
        (
          await t.database.admin.pool.query<{ name: string; written: string }>(
            `select name, xmin::text || ' ' || xmax::text || ' ' || ctid::text as written from ${table}`,
          )
        ).rows.map(({ name, written }) => [name, written]),
      );
    const [packages, updates] = [await readRows("server_packages"), await readRows("server_updates")];
    await tell({
      ...inventory,
      packages: [
        packageOf("bash", "5.2.15-2+b13"),
        packageOf("libssl3", old, "openssl"),
        packageOf("jq", "1.6-2"),
      ],
      updates: [updateOf("libssl3")],
    });
    const [nextPackages, nextUpdates] = [await readRows("server_packages"), await readRows("server_updates")];
    expect([...nextPackages.keys()].sort()).toEqual(["bash", "jq", "libssl3"]);
    expect(nextPackages.get("libssl3")).toBe(packages.get("libssl3"));
    expect(nextPackages.get("bash")).not.toBe(packages.get("bash"));
    expect([...nextUpdates.entries()]).toEqual([["libssl3", updates.get("libssl3")]]);
  });

  test("keeps what waited where apt cannot say, and says so", async () => {
    await tell(inventory);
    await tell({ ...inventory, updates: null, cves: { kind: "unreachable", sentence: "Nobody answers." } });
    expect(await getServerInventory(t.owner, { serverId: t.serverId })).toMatchObject({
      areUpdatesKnown: false,
      changelogsSentence: "Nobody answers.",
      updates: [{}, {}, {}],
    });
    expect(await getUpdatesOverview(t.owner)).toMatchObject({
      withoutAnswer: 1,
      changelogsUnread: { servers: 1, sentence: "Nobody answers." },
    });
  });

  test("with rows that are junk is taken without them, and more of it holds up nothing", async () => {
    const junk = { ...packageOf("bash", "1"), name: "-o=Dir::Etc" };
    expect(await tell({ ...inventory, packages: [...inventory.packages, junk, "x", null] })).toEqual({
      storedSequence: 1,
      problem: expect.stringContaining("3 of the rows of batch 1"),
    });
    const tooMany = Array.from({ length: 5000 }, (_, place) => packageOf(`p${place}`, "1"));
    for (const bad of [
      null,
      [],
      { ...inventory, packages: tooMany },
      { ...inventory, at: "now" },
      { ...inventory, outdatedUnits: [{ unit: "x".repeat(10_000), files: [] }] },
    ])
      expect(await tell(bad)).toMatchObject({
        problem: expect.stringContaining("has a shape that is not known"),
      });
    const last = { ...inventory, at: 8.64e15, packages: [packageOf("jq", "1"), packageOf("jq", "2")] };
    expect(await tell(last)).toEqual({ storedSequence: sequence, problem: null });
    expect(await getServerInventory(t.owner, { serverId: t.serverId })).toMatchObject({
      toldAt: t.clock.now,
      packageCount: 1,
    });
  });
});

describe("which servers run a version", () => {
  test("is answered with all versions, how many servers have each, and what waits", async () => {
    await tell(inventory);
    const two = await addTold("mail2", inventory);
    await addTold("mail3", upToDate);
    const answer = await searchPackages(t.owner, { search: `libssl3 <${fixed}` });
    expect(answer).toMatchObject({
      name: "libssl3",
      total: 2,
      nextCursor: null,
      versions: [
        { version: fixed, servers: 1, waiting: [], isMeant: false },
        { version: old, servers: 2, waiting: [{ to: fixed, servers: 2 }], isMeant: true },
      ],
    });
    expect(answer.servers).toMatchObject([
      { serverId: t.serverId, serverName: "mail1", version: old, to: fixed },
      { serverId: two, serverName: "mail2", version: old, to: fixed },
    ]);
    expect((await searchPackages(t.owner, { search: "libssl3" })).total).toBe(3);
    expect((await searchPackages(t.owner, { search: "libssl3 3.0.22*" })).servers).toMatchObject([
      { serverName: "mail3", to: null },
    ]);
  });

  test("comes page by page, of all customers or of one", async () => {
    const { tenantId } = await createTenant(t.owner, { name: "Other" });
    await tell(inventory);
    for (const name of ["b", "c", "d"]) await addTold(name, inventory, name === "d" ? tenantId : t.tenantId);
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await searchPackages(t.owner, { search: "bash", limit: 2, ...(cursor && { cursor }) });
      expect(page.total).toBe(4);
      names.push(...page.servers.map(({ serverName }) => serverName));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(names).toEqual(["b", "c", "d", "mail1"]);
    expect((await searchPackages(t.owner, { search: "bash", tenantId })).servers).toMatchObject([
      { serverName: "d" },
    ]);
    await expect(searchPackages(t.owner, { search: "bash", cursor: "1" })).rejects.toMatchObject({
      kind: "invalid",
    });
  });

  test("is answered for agents too", async () => {
    await tell({ ...inventory, agentVersion: "0.9.0-8a6bcbf11d" });
    await addTold("mail2", inventory);
    const { versions, servers } = await searchPackages(t.owner, { search: "mailstead-agent <1" });
    expect(versions).toMatchObject([
      { version: "1.0.0", servers: 1, isMeant: false },
      { version: "0.9.0-8a6bcbf11d", servers: 1, isMeant: true },
    ]);
    expect(servers).toMatchObject([{ serverId: t.serverId, to: null }]);
    const { tenantId } = await createTenant(t.owner, { name: "Neighbour" });
    expect(await searchPackages(t.as("admin", tenantId), { search: "mailstead-agent" })).toMatchObject({
      versions: [],
      total: 0,
    });
  });

  test("names packages that begin so where nobody has one, and says what is no search", async () => {
    await tell(inventory);
    await addTold("mail2", inventory);
    expect(await searchPackages(t.owner, { search: "lib" })).toMatchObject({
      total: 0,
      similar: ["libssl3"],
    });
    expect(await searchPackages(t.owner, { search: "libssl3 newest" })).toMatchObject({
      problem: expect.stringContaining("is no version"),
    });
  });
});

describe("what waits over the fleet", () => {
  test("stands by source and version, security first, with CVEs and how many servers wait", async () => {
    await tell(inventory);
    await addTold("mail2", {
      ...inventory,
      updates: [
        updateOf("libssl3", { urgency: "critical", cves: ["CVE-2026-84782"] }),
        updateOf("libc6", { sourceName: "glibc" }),
      ],
    });
    await addTold("mail3", upToDate);
    const page = await listWaitingUpdates(t.owner);
    expect(page).toMatchObject({ total: 3, nextCursor: null });
    expect(page.updates).toEqual([
      {
        id: `openssl ${fixed}`,
        sourceName: "openssl",
        to: fixed,
        servers: 2,
        isSecurity: true,
        urgency: "critical",
        cves: ["CVE-2026-75805", "CVE-2026-84782"],
        listedCves: [],
        packages: ["libssl3", "openssl"],
      },
      expect.objectContaining({ sourceName: "glibc", servers: 1, urgency: "high" }),
      expect.objectContaining({ sourceName: "bash", isSecurity: false, urgency: null, cves: [] }),
    ]);
    const first = await listWaitingUpdates(t.owner, { limit: 2 });
    expect(
      (await listWaitingUpdates(t.owner, { limit: 2, cursor: first.nextCursor ?? "" })).updates,
    ).toMatchObject([{ sourceName: "bash" }]);
    const named = async (input: Parameters<typeof listWaitingUpdates>[1]) =>
      (await listWaitingUpdates(t.owner, input)).updates.map(({ sourceName }) => sourceName);
    expect(await named({ search: "ssl" })).toEqual(["openssl"]);
    expect(await named({ search: "cve-2026-75805" })).toEqual(["glibc", "openssl"]);
    expect(await named({ search: "CVE-2020-0001" })).toEqual([]);
    expect(await named({ onlySecurity: true })).toEqual(["openssl", "glibc"]);
    expect(await getUpdatesOverview(t.owner)).toEqual({
      servers: 3,
      told: 3,
      withUpdates: 2,
      withSecurityUpdates: 2,
      toRestart: 2,
      withOutdatedUnits: 2,
      withoutAnswer: 0,
      changelogsUnread: null,
    });
  });

  test("is told package by package to who plans a rollout", async () => {
    await tell(inventory);
    const two = await addTold("mail2", inventory);
    const rows = await listWaitingPackages(t.owner, { updates: [{ sourceName: "openssl", to: fixed }] });
    expect(rows).toHaveLength(4);
    expect(rows[0]).toEqual({
      serverId: t.serverId,
      name: "libssl3",
      architecture: "amd64",
      from: old,
      to: fixed,
      sourceName: "openssl",
      isSecurity: true,
    });
    const [, second] = rows;
    if (second === undefined) throw new Error("There is no second row.");
    expect(
      await listWaitingPackages(t.owner, { updates: [{ sourceName: "openssl", to: fixed }], after: second }),
    ).toEqual(rows.slice(2));
    expect(await listWaitingPackages(t.owner, { serverIds: [two], onlySecurity: true })).toHaveLength(2);
    expect(await listWaitingPackages(t.owner, { updates: [] })).toEqual([]);
  });

  test("has with it the servers that are to be restarted, or whose services are", async () => {
    await tell(inventory);
    await addTold("mail2", { ...upToDate, isRebootRequired: true, rebootPackages: ["dbus"] });
    await addTold("mail3", upToDate);
    const first = await listServersToRestart(t.owner, { limit: 1 });
    expect(first).toMatchObject({
      total: 2,
      servers: [{ serverName: "mail1", outdatedUnits: [{ unit: "dovecot.service" }] }],
    });
    expect(await listServersToRestart(t.owner, { cursor: first.nextCursor ?? "" })).toMatchObject({
      servers: [{ serverName: "mail2", rebootReasons: [{ kind: "asked", packages: ["dbus"] }] }],
      nextCursor: null,
    });
  });
});

test("neighbours see nothing of it: neither another customer nor another organisation", async () => {
  await tell(inventory);
  const { tenantId } = await createTenant(t.owner, { name: "Neighbour" });
  for (const neighbour of [t.as("admin", tenantId), await t.makeStranger()]) {
    expect(await searchPackages(neighbour, { search: "libssl3" })).toMatchObject({
      versions: [],
      total: 0,
    });
    expect((await searchPackages(neighbour, { search: "libss" })).similar).toEqual([]);
    expect(await listWaitingUpdates(neighbour)).toMatchObject({ updates: [], total: 0 });
    expect(await listWaitingPackages(neighbour)).toEqual([]);
    expect(await listServersToRestart(neighbour)).toMatchObject({ servers: [], total: 0 });
    expect(await getUpdatesOverview(neighbour)).toMatchObject({ told: 0, withUpdates: 0, toRestart: 0 });
    for (const ask of [getServerInventory, listServerPackages])
      await expect(ask(neighbour, { serverId: t.serverId })).rejects.toMatchObject({ kind: "not-found" });
  }
  expect((await searchPackages(t.as("auditor", t.tenantId), { search: "libssl3" })).total).toBe(1);
});
