import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { deflateSync } from "node:zlib";
import type { Inventory } from "@mailstead/core/updates";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addServer } from "../servers/index.ts";
import { storeTelemetry } from "../telemetry/index.ts";
import { createTenant } from "../tenants/index.ts";
import { openServerTest, type ServerTest } from "../testing/open-server-test.ts";
import {
  countOpenSources,
  fetchSecurityLists,
  findOpenServers,
  getSecurityLists,
  judgeSources,
  listOpenCves,
  listServerCves,
  listWaitingUpdates,
} from "./index.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let shared: TestDatabase;
let t: ServerTest;
/** Stands where Debian's security tracker stands, and answers as the test says. */
let answer: Answer;
let asked: { url: string; etag: string | undefined }[];
const tracker = createServer((request, response) => {
  asked.push({ url: request.url ?? "", etag: request.headers["if-none-match"] });
  answer(request, response);
});
let baseUrl: string;
beforeAll(async () => {
  shared = await openTestDatabase();
  await new Promise<void>((resolve) => tracker.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(tracker.address() as AddressInfo).port}/tracker`;
});
beforeEach(async () => {
  t = await openServerTest({ shared });
  asked = [];
  answer = has(list);
  await runs(t.serverId, "bookworm");
  return () => t.close();
});
afterAll(async () => {
  tracker.closeAllConnections();
  await new Promise((resolve) => tracker.close(resolve));
  await shared.close();
});

const list = [
  "VERSION 1",
  "CVE-2026-1111,,mended in bookworm",
  "CVE-2026-2222,,mended nowhere",
  "CVE-2026-3333,,mended in what waits nowhere",
  "",
  "openssl,0,SHRF,3.5.9-1,3.0.22-1~deb12u2",
  "openssl,1,SL  ,,",
  "bash,2,S ?F,5.3-1,5.2.15-2+deb12u9",
  "",
  "",
].join("\n");

/** Sends the list with a mark, and not again to who has it. */
function has(text: string, etag = '"one"'): Answer {
  return (request, response) => {
    const isKnown = request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag }).end(isKnown ? undefined : deflateSync(text));
  };
}
const runs = (serverId: string, suite: string) =>
  t.database.admin.pool.query(
    "update servers set facts = jsonb_build_object('suite', $2::text) where id = $1",
    [serverId, suite],
  );
const fetchLists = () => fetchSecurityLists(t.system, { baseUrl });
const wait = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};
const hourMs = 3_600_000;

const packageOf = (name: string, version: string, sourceName = name): Inventory["packages"][number] => ({
  name,
  architecture: "amd64",
  version,
  sourceName,
  sourceVersion: version,
});
const old = "3.0.20-1~deb12u2";
const fixed = "3.0.22-1~deb12u2";
const inventory: Inventory = {
  at: Date.parse("2026-11-20T11:59:00Z"),
  packages: [
    packageOf("bash", "5.2.15-2+b8"),
    packageOf("libssl3", old, "openssl"),
    packageOf("openssl", old),
  ],
  untoldPackages: 0,
  updates: [],
  runningKernel: "6.1.0-57-amd64",
  newestKernel: null,
  isRebootRequired: false,
  rebootPackages: [],
  outdatedUnits: [],
  agentVersion: "1.0.0",
  cves: { kind: "read" },
};
const opensslWaits: Inventory = {
  ...inventory,
  updates: ["libssl3", "openssl"].map((name) => ({
    name,
    architecture: "amd64",
    from: old,
    to: fixed,
    origin: "Debian-Security:12/oldstable-security",
    isSecurity: true,
    urgency: null,
    cves: [],
    sourceName: "openssl",
  })),
};
const upToDate: Inventory = {
  ...inventory,
  packages: [
    packageOf("bash", "5.2.15-2+deb12u9"),
    packageOf("libssl3", fixed, "openssl"),
    packageOf("openssl", fixed),
  ],
};
const tell = (serverId: string, batch: Inventory) =>
  storeTelemetry(t.gateway, { serverId, stream: "inventory", epoch: randomUUID(), sequence: 1, batch });

async function addTold(name: string, told: Inventory, tenantId = t.tenantId): Promise<string> {
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await runs(serverId, "bookworm");
  await tell(serverId, told);
  return serverId;
}
async function look(): Promise<void> {
  await fetchLists();
  await judgeSources(t.system);
  await countOpenSources(t.system);
}

describe("Debian's list", () => {
  test("is fetched for each release that a server has, and not again while it is the same", async () => {
    expect(await getSecurityLists(t.owner)).toEqual([]);
    expect(await fetchLists()).toEqual({ fetched: [{ suite: "bookworm", issueCount: 3 }], failed: [] });
    expect(asked).toEqual([{ url: "/tracker/bookworm", etag: undefined }]);
    wait(hourMs / 2);
    expect(await fetchLists()).toEqual({ fetched: [], failed: [] });
    expect(asked).toHaveLength(1);
    wait(hourMs / 2);
    expect(await fetchLists()).toEqual({ fetched: [], failed: [] });
    expect(asked.at(-1)).toEqual({ url: "/tracker/bookworm", etag: '"one"' });
    expect(await getSecurityLists(t.owner)).toEqual([
      { suite: "bookworm", issueCount: 3, fetchedAt: t.clock.now, triedAt: t.clock.now, problem: null },
    ]);
  });

  const refuse: [string, Answer, RegExp][] = [
    ["fails", (_, response) => response.writeHead(503).end(), /\/bookworm answered 503\.$/],
    [
      "does not know it",
      (_, response) => response.writeHead(404).end(),
      /has no list of this release \(404\)\.$/,
    ],
    [
      "sends something else",
      (_, response) => response.end("<!doctype html>"),
      /sent no list that can be read\. It is not compressed as such lists are, or was cut off\.$/,
    ],
    [
      "sends half of it",
      (_, response) => response.end(deflateSync(list).subarray(0, 60)),
      /It is not compressed as such lists are, or was cut off\.$/,
    ],
    [
      "sends one in another shape",
      (_, response) => response.end(deflateSync("VERSION 1\n\nopenssl,0,S   ,,\n\n")),
      /Line 3 of the list is no package with its issue\.$/,
    ],
    [
      "breaks off",
      (_, response) =>
        response.writeHead(200, { "content-length": 900 }).write("x", () => response.destroy()),
      /broke off|cannot be reached/,
    ],
    ["hangs up", (request) => request.socket.destroy(), /cannot be reached/],
  ];
  test.each(refuse)("stays what it was when who has it %s, which is said", async (_what, wrong, sentence) => {
    await fetchLists();
    const known = t.clock.now;
    wait(hourMs);
    answer = wrong;
    const { failed } = await fetchLists();
    expect(failed).toEqual([{ suite: "bookworm", sentence: expect.stringMatching(sentence) }]);
    expect(await getSecurityLists(t.owner)).toEqual([
      {
        suite: "bookworm",
        issueCount: 3,
        fetchedAt: known,
        triedAt: t.clock.now,
        problem: failed[0]?.sentence,
      },
    ]);
    // It is asked again sooner than after a success.
    wait(hourMs / 4);
    answer = has(list);
    await fetchLists();
    expect(await getSecurityLists(t.owner)).toMatchObject([{ fetchedAt: t.clock.now, problem: null }]);
  });

  test("is asked of nobody where that is switched off, which is said", async () => {
    expect(await fetchSecurityLists(t.system, { baseUrl: null })).toEqual({ fetched: [], failed: [] });
    expect(await getSecurityLists(t.owner)).toMatchObject([
      { fetchedAt: null, problem: "SECURITY_LISTS_URL is off, so nobody asks for it." },
    ]);
    expect(asked).toEqual([]);
  });
});

describe("what a fleet is open to", () => {
  test("is found by one search for a CVE, with what can be done on each server", async () => {
    await tell(t.serverId, inventory);
    await addTold("mail2", opensslWaits);
    await addTold("mail3", upToDate);
    expect(await findOpenServers(t.owner, { cve: "CVE-2026-1111" })).toMatchObject({
      total: 0,
      problem: null,
    });
    await look();
    const found = await findOpenServers(t.owner, { cve: " cve-2026-1111 " });
    expect(found).toMatchObject({
      problem: null,
      cve: "CVE-2026-1111",
      urgency: "high",
      isRemote: true,
      total: 2,
      counts: { waits: 1, out: 1, none: 0 },
      mendingSources: ["openssl"],
      servers: [
        {
          serverName: "mail1",
          sourceName: "openssl",
          sourceVersion: old,
          to: null,
          fix: "out",
          fixedVersion: fixed,
        },
        { serverName: "mail2", to: fixed, fix: "waits" },
      ],
      nextCursor: null,
    });
    const first = await findOpenServers(t.owner, { cve: "CVE-2026-1111", limit: 1 });
    expect(
      await findOpenServers(t.owner, { cve: "CVE-2026-1111", cursor: first.nextCursor ?? "" }),
    ).toMatchObject({ servers: [{ serverName: "mail2" }], nextCursor: null });
    expect(await findOpenServers(t.owner, { cve: "CVE-2026-1111", fix: "waits" })).toMatchObject({
      servers: [{ serverName: "mail2" }],
    });
    expect(await findOpenServers(t.owner, { cve: "openssl" })).toMatchObject({
      problem: "“openssl” is no CVE. Write one like CVE-2026-12345.",
      servers: [],
    });
  });

  test("is listed with what an update mends first, and is searched by CVE and by source", async () => {
    await tell(t.serverId, inventory);
    await addTold("mail2", opensslWaits);
    await addTold("mail3", upToDate);
    await look();
    const whole = await listOpenCves(t.owner);
    expect(whole).toMatchObject({
      total: 3,
      cves: [
        {
          cve: "CVE-2026-1111",
          sourceName: "openssl",
          servers: 2,
          fixWaits: 1,
          fixOut: 1,
          fixedVersions: [fixed],
        },
        {
          cve: "CVE-2026-2222",
          sourceName: "openssl",
          urgency: "low",
          isRemote: false,
          servers: 3,
          fixWaits: 0,
          fixOut: 0,
        },
        { cve: "CVE-2026-3333", sourceName: "bash", urgency: null, isRemote: null, servers: 2, fixOut: 2 },
      ],
    });
    const cvesOf = async (input: Parameters<typeof listOpenCves>[1]) =>
      (await listOpenCves(t.owner, input)).cves.map(({ cve }) => cve);
    expect(await cvesOf({ search: "BASH" })).toEqual(["CVE-2026-3333"]);
    expect(await cvesOf({ search: "cve-2026-22" })).toEqual(["CVE-2026-2222"]);
    expect(await cvesOf({ fix: "waits" })).toEqual(["CVE-2026-1111"]);
    expect(await cvesOf({ fix: "out" })).toEqual(["CVE-2026-1111", "CVE-2026-3333"]);
    expect(await cvesOf({ fix: "none" })).toEqual(["CVE-2026-2222"]);
    const first = await listOpenCves(t.owner, { limit: 2 });
    expect(await cvesOf({ cursor: first.nextCursor ?? "", limit: 2 })).toEqual(["CVE-2026-3333"]);
  });

  test("is on a server's page, and what an update mends by the list is with the update", async () => {
    await tell(t.serverId, opensslWaits);
    await addTold("mail2", upToDate);
    await look();
    expect(await listServerCves(t.owner, { serverId: t.serverId })).toMatchObject({
      total: 3,
      cves: [
        { cve: "CVE-2026-1111", servers: 1, fixWaits: 1 },
        { cve: "CVE-2026-2222", fixWaits: 0, fixOut: 0 },
        { cve: "CVE-2026-3333", fixWaits: 0, fixOut: 1 },
      ],
    });
    expect(await listWaitingUpdates(t.owner, { search: "CVE-2026-1111" })).toMatchObject({
      updates: [{ sourceName: "openssl", cves: [], listedCves: ["CVE-2026-1111"] }],
    });
    expect(await listWaitingUpdates(t.owner, { search: "CVE-2026-2222" })).toMatchObject({ updates: [] });
  });

  test("follows a newer list and a host that was updated, and forgets versions that nobody has", async () => {
    await tell(t.serverId, inventory);
    await look();
    expect(await judgeSources(t.system)).toBe(0);
    answer = has(list.replace("openssl,1,SL  ,,", "openssl,1,SMRF,3.0.20-1~deb12u1,"), '"two"');
    wait(hourMs);
    await look();
    expect((await listOpenCves(t.owner)).cves.map(({ cve }) => cve)).toEqual([
      "CVE-2026-1111",
      "CVE-2026-3333",
    ]);
    await tell(t.serverId, upToDate);
    await look();
    expect(await listOpenCves(t.owner)).toEqual({ cves: [], total: 0, nextCursor: null });
    const { rows } = await t.database.admin.pool.query(
      "select source_name || ' ' || source_version as name from judged_sources order by 1",
    );
    expect(rows).toEqual([{ name: "bash 5.2.15-2+deb12u9" }, { name: `openssl ${fixed}` }]);
  });

  test("of a source that waits in many versions on one host judges one, so that no host can fill the tables", async () => {
    const [libssl3, openssl] = opensslWaits.updates ?? [];
    if (libssl3 === undefined || openssl === undefined) throw new Error("Two updates wait.");
    const many = Array.from({ length: 50 }, (_, at) => ({
      ...openssl,
      name: `openssl-${at}`,
      to: `0.${10 + at}`,
    }));
    await tell(t.serverId, { ...opensslWaits, updates: [libssl3, openssl, ...many] });
    await look();
    const { rows } = await t.database.admin.pool.query(
      "select source_name || ' ' || source_version as name from judged_sources order by 1",
    );
    expect(rows).toEqual([
      { name: "bash 5.2.15-2+b8" },
      { name: `openssl ${old}` },
      { name: `openssl ${fixed}` },
    ]);
    expect(await listServerCves(t.owner, { serverId: t.serverId, search: "CVE-2026-1111" })).toMatchObject({
      cves: [{ servers: 1, fixWaits: 1 }],
    });
  });

  test("is seen by nobody else: another customer, another organisation", async () => {
    await tell(t.serverId, inventory);
    const { tenantId } = await createTenant(t.owner, { name: "Another customer" });
    await look();
    const customer = t.as("owner", tenantId);
    const stranger = await t.makeStranger();
    for (const ctx of [customer, stranger]) {
      expect(await listOpenCves(ctx)).toMatchObject({ cves: [], total: 0 });
      expect(await findOpenServers(ctx, { cve: "CVE-2026-1111" })).toMatchObject({ servers: [], total: 0 });
      await expect(listServerCves(ctx, { serverId: t.serverId })).rejects.toMatchObject({
        kind: "not-found",
      });
    }
    expect(await listOpenCves(t.as("owner", t.tenantId))).toMatchObject({ total: 3 });
    expect(await listOpenCves(t.owner, { tenantId })).toMatchObject({ total: 0 });
  });
});
