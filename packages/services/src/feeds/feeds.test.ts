import { checkFindings, feedConnections, feedDays } from "@mailstead/db";
import { makeDomain, makeServer, makeTenant } from "@mailstead/db/factories";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { type FeedWorld, openFeedWorld, serverAddress } from "./feed-world.testing.ts";
import {
  confirmFeedAccess,
  connectFeed,
  disconnectFeed,
  getDomainTold,
  getServerTold,
  listFeeds,
  readComplaints,
  readFeedNow,
  recordFeedFindings,
  renewFeed,
  runDueFeeds,
  uploadYahooFile,
} from "./index.ts";

let world: FeedWorld;
beforeEach(async () => {
  world = await openFeedWorld();
});
afterEach(() => world.close());

const key = "0123-a-key-that-nobody-sees";
const older = "https://sendersupport.olc.protection.outlook.com/snds";
const snds = {
  kind: "snds" as const,
  dataLink: `${older}/data.aspx?key=${key}`,
  statusLink: `${older}/ipStatus.aspx?key=${key}`,
};
const row = (day: string, ip = serverAddress) =>
  `${ip},${day} 1:00 AM,${day} 11:00 PM,200,190,180,YELLOW,< 0.1%,,,2,h,s@x.example,\r\n`;
const day = (offset: number) => new Date(world.t.clock.now.getTime() + offset * 86_400_000);
const run = () => runDueFeeds(world.t.system, world.worker);
const rows = () => world.t.database.admin.query.select().from(feedDays);
async function openFindings() {
  const { app } = world.t.database;
  expect(await recordFeedFindings(world.t.system, { app, installation: world.t.installation })).toEqual([]);
  const all = await world.t.database.admin.query.select().from(checkFindings);
  return all
    .filter(({ closedAt }) => closedAt === null)
    .map(({ key: code }) => code.split(" ")[0])
    .sort();
}

test("SNDS is read for our own addresses, with the days that were missed, and what it blocks is an error", async () => {
  const { connectionId } = await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  world.providers.answer = ({ path }) => {
    if (path.includes("ipStatus"))
      return { body: `${serverAddress},${serverAddress},Yes,Blocked due to user complaints\r\n` };
    if (path.includes("date=111726")) return { body: row("11/17/2026") };
    return path.includes("date=")
      ? { body: "" }
      : { body: row("11/19/2026") + row("11/19/2026", "203.0.113.9") };
  };
  expect(await run()).toMatchObject({ read: [{ connectionId }], problems: [] });
  expect(world.providers.asked.map(({ path }) => path)).toContain(`/snds/data.aspx?key=${key}&date=111826`);
  expect((await rows()).map(({ subject, day: at }) => `${subject} ${at}`).sort()).toEqual([
    `${serverAddress} 2026-11-17`,
    `${serverAddress} 2026-11-19`,
  ]);
  expect((await getServerTold(world.t.owner, { serverId: world.serverId })).subjects).toMatchObject([
    {
      subject: serverAddress,
      blockedFor: "Blocked due to user complaints",
      days: [
        {},
        {
          messages: 180,
          complaints: { lower: 0, upper: 0.001 },
          figures: { verdict: "yellow", trapHits: 2 },
        },
      ],
    },
  ]);
  expect(await openFindings()).toEqual(["feed-blocked"]);
});

test("a day that two of SNDS's links tell counts once, as the later look tells it", async () => {
  await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  world.providers.answer = ({ path }) => {
    if (path.includes("ipStatus")) return { body: "" };
    const body = row("11/18/2026");
    return { body: path.includes("date=") ? body.replace(",180,", ",190,") : body };
  };
  expect(await run()).toMatchObject({ problems: [], failed: [] });
  expect(await rows()).toMatchObject([{ subject: serverAddress, day: "2026-11-18", messages: 190 }]);
  expect(await listFeeds(world.t.owner)).toMatchObject([{ state: "working", problem: null }]);
});

test("a look in which we ourselves fail is told with the feed, and tried again", async () => {
  const { connectionId } = await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  const net = {
    ...world.worker.net,
    followLink: (): string => {
      throw new Error("ours");
    },
  };
  expect(await runDueFeeds(world.t.system, { ...world.worker, net })).toMatchObject({ read: [], problems: [], failed: [{ connectionId }] });
  const [feed] = await listFeeds(world.t.owner);
  expect(feed).toMatchObject({ state: "failing", problem: expect.stringContaining("Mailstead itself failed") });
  expect(feed?.nextLookAt?.getTime()).toBeGreaterThan(world.t.clock.now.getTime());
  const [stored] = await world.t.database.admin.query.select().from(feedConnections);
  expect(stored).toMatchObject({ problemKind: "temporary", failures: 1 });
});

test("an address that servers of two customers tell of is given to neither, and the feed says so", async () => {
  const { organisationId } = world.t;
  const other = await makeTenant(world.t.database.admin, { organisationId });
  const claiming = await makeServer(world.t.database.admin, {
    organisationId,
    tenantId: other.id,
    facts: { ipAddresses: [serverAddress, "198.51.100.8"] } as never,
  });
  await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  world.providers.answer = ({ path }) => ({
    body: path.includes("ipStatus")
      ? `${serverAddress},${serverAddress},Yes,Blocked due to user complaints\r\n`
      : row("11/19/2026") + row("11/19/2026", "198.51.100.8"),
  });
  await run();
  expect(await rows()).toMatchObject([{ subject: "198.51.100.8", serverId: claiming.id }]);
  const [feed] = await listFeeds(world.t.owner);
  expect(feed).toMatchObject({
    state: "working",
    notes: [
      `${serverAddress} is told of by servers of two customers, so what Microsoft says of it is given to neither. Find out whose it is, and take it from the other.`,
    ],
  });
  expect(await openFindings()).toEqual([]);
  // The same of a feed of one customer alone: whoever claims an address of another's gets nothing of it.
  await connectFeed(world.t.owner, { label: "Other", tenantId: other.id, credentials: snds });
  await run();
  expect((await rows()).map(({ subject }) => subject)).toEqual(["198.51.100.8", "198.51.100.8"]);
  // A customer does not learn from it who else has the address.
  expect(await listFeeds(world.t.as("owner", other.id))).toMatchObject([{ label: "Other" }]);
});

test("a link of SNDS that ended says how to make it anew; made anew it is read, and reminds before it ends again", async () => {
  const { connectionId } = await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  world.providers.answer = () => ({ status: 302, headers: { location: "https://login.live.com/" } });
  expect((await run()).problems).toMatchObject([
    { kind: "permanent", sentence: expect.stringContaining("Make it anew in the SNDS portal") },
  ]);
  expect(await openFindings()).toEqual(["feed-failing"]);
  const substrate = {
    kind: "snds" as const,
    dataLink: "https://substrate.office.com/ip-domain-management-snds/data?key=new",
  };
  world.providers.answer = () => ({
    body: `IP Address,Activity start,Message recipients,Filter result,Complaint rate\n${serverAddress},2026-11-19,150,GREEN,0.05%\n`,
  });
  await renewFeed(world.t.owner, { connectionId, credentials: substrate });
  world.providers.asked.length = 0;
  expect((await run()).problems).toEqual([]);
  // The newer site tells all its days at once.
  expect(world.providers.asked.map(({ path }) => path)).toEqual(["/ip-domain-management-snds/data?key=new"]);
  expect(await openFindings()).toEqual([]);
  world.t.clock.now = day(26);
  expect(await openFindings()).toEqual(["feed-link-ends", "feed-stale"]);
  world.t.clock.now = day(260);
  expect(await openFindings()).toContain("feed-access-ends");
  await confirmFeedAccess(world.t.owner, { connectionId });
  expect(await openFindings()).not.toContain("feed-access-ends");
  await disconnectFeed(world.t.owner, { connectionId });
  const left = await world.t.database.admin.query.select().from(checkFindings);
  expect(left.filter(({ closedAt }) => closedAt === null)).toEqual([]);
  expect(await rows()).toEqual([]);
});

test.each([
  ["http://substrate.office.com/x?key=1"],
  ["https://127.0.0.1/snds/data.aspx?key=1"],
  ["https://evil.example/snds/data.aspx?key=1"],
  ["https://substrate.office.com:8443/x"],
])("a link that leads elsewhere than to Microsoft is refused: %s", async (dataLink) => {
  await expect(
    connectFeed(world.t.owner, { label: "SNDS", credentials: { kind: "snds", dataLink } }),
  ).rejects.toMatchObject({
    kind: "invalid",
    message: expect.stringContaining("whole link from the SNDS portal"),
  });
});

test("credentials are sealed for the worker, and neither lists nor the audit hold them", async () => {
  await connectFeed(world.t.owner, { label: "SNDS", credentials: snds });
  const [stored] = await world.t.database.admin.query.select().from(feedConnections);
  expect(stored?.box).not.toContain(key);
  const { rows: audited } = await world.t.database.admin.pool.query("select * from audit_entries");
  expect(JSON.stringify([await listFeeds(world.t.owner), audited])).not.toContain(key);
  await expect(withTransaction(world.t.owner, (tx) => tx.select().from(feedConnections))).rejects.toThrow();
});

const csv = "Date,Domain,Delivered,Complaints\n2026-11-18,,4000,20\n2026-11-19,stranger.example,100,0\n";

test("a file of Yahoo's is kept once however often it is uploaded, and a fault keeps nothing of it", async () => {
  const upload = (text: string) => uploadYahooFile(world.t.owner, { domainId: world.domainId, text });
  const kept = { days: 1, newestDay: "2026-11-18", leftOut: ["stranger.example"] };
  expect(await upload(csv)).toEqual(kept);
  expect(await upload(csv)).toEqual(kept);
  expect(await rows()).toHaveLength(1);
  expect(await listFeeds(world.t.owner)).toMatchObject([
    { kind: "yahoo", subjects: 1, standing: { kind: "fresh" } },
  ]);
  await expect(upload(`${csv}2026-11-20,,10,70\n`)).rejects.toMatchObject({
    kind: "invalid",
    message: "Line 4: there are more complaints than delivered messages.",
  });
  expect(await upload("Date,Delivered,Complaints\n2026-11-18,4000,24\n")).toMatchObject({ days: 1 });
  expect(await rows()).toMatchObject([{ complaintsLower: 0.006 }]);
  expect(await openFindings()).toEqual(["feed-complaints"]);
  const { connectionId } = (await rows())[0] ?? { connectionId: "" };
  await expect(readFeedNow(world.t.owner, { connectionId })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
});

test("a feed that bears the name of Yahoo's already does not keep a file from being taken", async () => {
  await connectFeed(world.t.owner, { label: "Yahoo Sender Hub", credentials: snds });
  await connectFeed(world.t.owner, { label: "yahoo sender hub 2", credentials: snds });
  const upload = () => uploadYahooFile(world.t.owner, { domainId: world.domainId, text: csv });
  expect(await upload()).toMatchObject({ days: 1 });
  expect(await upload()).toMatchObject({ days: 1 });
  expect((await listFeeds(world.t.owner)).map(({ label }) => label).sort()).toEqual([
    "Yahoo Sender Hub",
    "Yahoo Sender Hub 3",
    "yahoo sender hub 2",
  ]);
});

test("complaints are read by domain and day with their source, also by people of one customer", async () => {
  await uploadYahooFile(world.t.owner, { domainId: world.domainId, text: csv });
  const read = (ctx: typeof world.t.owner, scope = {}) =>
    withTransaction(ctx, (tx) => readComplaints(tx, scope, { from: day(-7), until: day(0) }));
  const own = world.t.as("technician", world.t.tenantId);
  const told = [
    {
      domainId: world.domainId,
      serverId: null,
      address: null,
      reporter: "Yahoo Sender Hub",
      provider: "yahoo",
      day: "2026-11-18",
      source: "yahoo",
      complaints: 20,
      of: 4000,
      share: { lower: 0.005, upper: 0.005 },
    },
  ];
  expect(await read(own, { domainId: world.domainId })).toEqual(told);
  expect((await getDomainTold(own, { domainId: world.domainId })).subjects).toMatchObject([
    { title: "Yahoo Sender Hub" },
  ]);
  // Another customer, and another organisation, see nothing of it.
  const other = await makeTenant(world.t.database.admin, { organisationId: world.t.organisationId });
  expect(await read(world.t.as("owner", other.id))).toEqual([]);
  expect(await read(await world.t.makeStranger())).toEqual([]);
  await expect(
    getDomainTold(world.t.as("owner", other.id), { domainId: world.domainId }),
  ).rejects.toMatchObject({ kind: "not-found" });
});

test("a person of one customer uploads for that customer's domains alone", async () => {
  const other = await makeTenant(world.t.database.admin, { organisationId: world.t.organisationId });
  const foreign = await makeDomain(world.t.database.admin, {
    organisationId: world.t.organisationId,
    tenantId: other.id,
    name: "stranger.example",
  });
  const own = world.t.as("technician", world.t.tenantId);
  expect(await uploadYahooFile(own, { domainId: world.domainId, text: csv })).toMatchObject({
    leftOut: ["stranger.example"],
  });
  await expect(uploadYahooFile(own, { domainId: foreign.id, text: csv })).rejects.toMatchObject({
    kind: "not-found",
  });
  expect(await listFeeds(own)).toMatchObject([{ tenantId: world.t.tenantId }]);
});

test.each([
  ["auditor", () => uploadYahooFile(world.t.as("auditor"), { domainId: world.domainId, text: csv })],
  ["technician", () => connectFeed(world.t.as("technician"), { label: "SNDS", credentials: snds })],
] as const)("the role %s is not enough", async (_role, act) => {
  await expect(act()).rejects.toMatchObject({ kind: "forbidden" });
});
