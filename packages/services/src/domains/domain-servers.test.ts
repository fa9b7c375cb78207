import type { HelperRole } from "@mailstead/core/domains";
import { leavesAfterMs } from "@mailstead/core/domains";
import { dkimKeys, mailboxes, servers } from "@mailstead/db";
import { makeAgent } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { createAlias, createMailbox, getClientSettings } from "../mailboxes/index.ts";
import {
  addServer,
  changeHostname,
  getTargetState,
  readDirectoryChanges,
  recordFacts,
  removeServer,
} from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { recordDomainCheck } from "./check-domain.ts";
import {
  addDomain,
  addDomainServer,
  changeDomainServer,
  changeMtaSts,
  checkDomain,
  type DomainCheckReport,
  getDomain,
  getMtaSts,
  keepDomainServer,
  removeDomain,
  removeDomainServer,
  renameServer,
} from "./index.ts";

const t = await openServerTest({ name: "mail1" });
const { serverId: homeId, tenantId, organisationId } = t;
afterAll(() => t.close());

let lastAddress = 0;
async function serverOf(name: string, { isInstalled = true } = {}): Promise<string> {
  const { serverId } = await addServer(t.owner, { tenantId, name, hostname: `${name}.msp.example` });
  await makeAgent(t.database.admin, { organisationId, tenantId, serverId });
  lastAddress += 1;
  await recordFacts(t.system, {
    serverId,
    facts: { ...testFacts(), ipAddresses: ["127.0.0.1", `198.51.100.${lastAddress}`] },
  });
  if (isInstalled)
    await t.database.admin.query.update(servers).set({ appliedRevision: 1 }).where(eq(servers.id, serverId));
  return serverId;
}

let lastDomain = 0;
async function domainOf(...roles: HelperRole[]) {
  lastDomain += 1;
  const name = `domain${lastDomain}.example`;
  const { domainId } = await addDomain(t.owner, { tenantId, serverId: homeId, name });
  await createMailbox(t.owner, { domainId, localPart: "ann", password: "a good password" });
  await createAlias(t.owner, { domainId, localPart: "info", destinations: [`ann@${name}`] });
  const serverIds: string[] = [];
  for (const role of roles) {
    const serverId = await serverOf(`d${lastDomain}-${role}`);
    await addDomainServer(t.owner, { domainId, serverId, role });
    serverIds.push(serverId);
  }
  return { domainId, name, serverIds };
}

const stateOf = async (serverId: string) => (await getTargetState(t.owner, { serverId })).state;
const partOf = async (serverId: string, name: string) =>
  (await stateOf(serverId)).domains.find((domain) => domain.name === name);

async function directoryOf(serverId: string) {
  const { changes } = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 10_000,
  });
  return changes;
}

async function valuesOf(domainId: string, type: string): Promise<string[]> {
  const { records } = await getDomain(t.owner, { domainId });
  return records.filter((record) => record.type === type).map(({ value }) => value);
}

test.each(["mx", "backup-mx"] as const)(
  "a server that is %s learns who has an address and no password, makes no keys, and knows the home",
  async (role) => {
    const { name, serverIds } = await domainOf(role);
    const [serverId = ""] = serverIds;
    const part = await partOf(serverId, name);
    expect(part?.dkimKeys).toEqual([]);
    expect(part?.share).toEqual({
      role,
      others: [{ role: "home", hostname: "mail1.msp.example", ipAddresses: [] }],
    });
    expect((await partOf(homeId, name))?.share).toMatchObject({ role: "home", others: [{ role }] });
    const entries = (await directoryOf(serverId)).map(({ entry }) => entry);
    expect(entries).toMatchObject([
      { kind: "domain", isRelayed: true },
      { kind: "mailbox", passwordHash: "" },
      { kind: "alias", address: `info@${name}` },
    ]);
  },
);

test.each(["outbound", "sender"] as const)(
  "a server that is %s makes keys of its own and lets people sign in",
  async (role) => {
    const { domainId, name, serverIds } = await domainOf(role);
    const [serverId = ""] = serverIds;
    expect((await partOf(serverId, name))?.dkimKeys).toHaveLength(2);
    expect((await getDomain(t.owner, { domainId })).keys).toHaveLength(4);
    const entries = (await directoryOf(serverId)).map(({ entry }) => entry);
    expect(entries[1]).toMatchObject({ kind: "mailbox", passwordHash: expect.stringMatching(/ARGON2ID/) });
    expect(await valuesOf(domainId, "MX")).toEqual(["10 mail1.msp.example"]);
    expect(await valuesOf(domainId, "TXT")).toContain(`v=spf1 mx a:d${lastDomain}-${role}.msp.example -all`);
  },
);

test("mail is handed to no server that was never installed", async () => {
  const { domainId, name, serverIds } = await domainOf("sender");
  const bare = await serverOf("bare", { isInstalled: false });
  await expect(
    addDomainServer(t.owner, { domainId, serverId: bare, role: "outbound" }),
  ).rejects.toMatchObject({
    kind: "precondition-failed",
    field: "serverId",
    message: expect.stringMatching(/^bare is not installed yet/),
  });
  await addDomainServer(t.owner, { domainId, serverId: bare, role: "sender" });
  await expect(
    changeDomainServer(t.owner, { domainId, serverId: bare, role: "outbound" }),
  ).rejects.toMatchObject({ kind: "precondition-failed" });
  await changeDomainServer(t.owner, { domainId, serverId: serverIds[0] ?? "", role: "outbound" });
  expect((await partOf(homeId, name))?.share?.others).toContainEqual(
    expect.objectContaining({ role: "outbound" }),
  );
});

test("what is written after a server was added reaches it as its role lets it", async () => {
  const { domainId, serverIds } = await domainOf("backup-mx", "sender");
  await createMailbox(t.owner, { domainId, localPart: "bob", password: "a good password" });
  const [backup, sender] = await Promise.all(serverIds.map(directoryOf));
  expect(backup?.at(-1)?.entry).toMatchObject({ kind: "mailbox", passwordHash: "" });
  expect(sender?.at(-1)?.entry).toMatchObject({ passwordHash: expect.stringMatching(/ARGON2ID/) });
});

test("all servers are planned as one, the one with the mailboxes is named to people, and senders are told of all that receive", async () => {
  const { domainId, name } = await domainOf("backup-mx", "mx", "outbound");
  const host = (role: string) => `d${lastDomain}-${role}.msp.example`;
  expect(await valuesOf(domainId, "MX")).toEqual([
    "10 mail1.msp.example",
    `10 ${host("mx")}`,
    `20 ${host("backup-mx")}`,
  ]);
  const { servers } = await getDomain(t.owner, { domainId });
  expect(servers.map(({ role }) => role)).toEqual(["home", "mx", "backup-mx", "outbound"]);
  await changeMtaSts(t.owner, { domainId, mode: "testing" });
  const { policyText, policyId } = await getMtaSts(t.owner, { domainId });
  expect(policyText.match(/mx: .*/g)).toHaveLength(3);
  expect(policyText).not.toContain(host("outbound"));
  expect(await valuesOf(domainId, "TXT")).toContain(`v=STSv1; id=${policyId};`);
  const [mailbox] = await t.database.admin.query
    .select({ id: mailboxes.id })
    .from(mailboxes)
    .where(eq(mailboxes.domainId, domainId));
  const settings = await getClientSettings(t.owner, { mailboxId: mailbox?.id ?? "" });
  expect(settings.imap.host).toBe("mail1.msp.example");
  await changeMtaSts(t.owner, { domainId, mode: "none" });
  await removeDomain(t.owner, { domainId, removesMailboxes: true });
  expect(await partOf(homeId, name)).toBeUndefined();
});

test("several servers that all mail leaves by stand in for each other, and SPF lets each of them send", async () => {
  const { domainId, name } = await domainOf("outbound", "sender");
  const second = await serverOf("out2");
  await addDomainServer(t.owner, { domainId, serverId: second, role: "outbound" });
  const { share } = (await partOf(homeId, name)) ?? {};
  const outbound = share?.others.filter(({ role }) => role === "outbound").map(({ hostname }) => hostname);
  expect(outbound).toEqual([`d${lastDomain}-outbound.msp.example`, "out2.msp.example"]);
  expect(await valuesOf(domainId, "TXT")).toContain(
    `v=spf1 mx a:d${lastDomain}-outbound.msp.example a:out2.msp.example a:d${lastDomain}-sender.msp.example -all`,
  );
});

test("nobody is to bring mail to a server before that knows the domain", async () => {
  const { domainId, serverIds } = await domainOf("backup-mx");
  const [serverId = ""] = serverIds;
  const cautionOf = async () => {
    const { records } = await getDomain(t.owner, { domainId });
    return records.find(({ purpose }) => purpose === "backup-mx")?.caution;
  };
  expect(await cautionOf()).toMatch(/-backup-mx\.msp\.example does not know domain\d+\.example yet/);
  await t.database.admin.query
    .update(servers)
    .set({ appliedRevision: servers.targetRevision })
    .where(eq(servers.id, serverId));
  expect(await cautionOf()).toBeUndefined();
});

test("servers hear of each other's new names and addresses at the next look", async () => {
  const { domainId, name, serverIds } = await domainOf("backup-mx");
  const [serverId = ""] = serverIds;
  await changeHostname(t.owner, { serverId: homeId, hostname: "mail9.msp.example" });
  await recordFacts(t.system, { serverId, facts: { ...testFacts(), ipAddresses: ["203.0.113.77"] } });
  const silent = { address: "127.0.0.1", port: 1, timeoutMs: 1 };
  await checkDomain(t.owner, { domainId }, silent as never);
  expect((await partOf(serverId, name))?.share?.others).toMatchObject([{ hostname: "mail9.msp.example" }]);
  expect((await partOf(homeId, name))?.share?.others).toMatchObject([{ ipAddresses: ["203.0.113.77"] }]);
  await changeHostname(t.owner, { serverId: homeId, hostname: "mail1.msp.example" });
});

test("servers hear of a new name in the step that gives it, and so does the policy of the domain", async () => {
  const { domainId, name, serverIds } = await domainOf("mx");
  const [serverId = ""] = serverIds;
  const second = await domainOf();
  await addDomainServer(t.owner, { domainId: second.domainId, serverId, role: "backup-mx" });
  const { revision } = await stateOf(homeId);
  await renameServer(t.owner, { serverId, hostname: "second9.msp.example" });
  for (const domain of [name, second.name]) {
    expect((await partOf(homeId, domain))?.share?.others).toMatchObject([
      { hostname: "second9.msp.example" },
    ]);
    expect((await partOf(homeId, domain))?.mtaSts.mxHosts).toEqual([
      "mail1.msp.example",
      "second9.msp.example",
    ]);
  }
  expect((await stateOf(homeId)).revision).toBe(revision + 1);
  expect((await valuesOf(domainId, "MX")).join()).toContain("second9.msp.example");
  const before = (await stateOf(homeId)).revision;
  await renameServer(t.owner, { serverId: homeId, hostname: "mail8.msp.example" });
  expect((await stateOf(homeId)).revision).toBe(before + 1);
  expect((await partOf(homeId, name))?.mtaSts.mxHosts).toContain("mail8.msp.example");
  expect((await partOf(serverId, name))?.share?.others).toMatchObject([{ hostname: "mail8.msp.example" }]);
  await renameServer(t.owner, { serverId: homeId, hostname: "mail1.msp.example" });
});

test("a backup becomes a full MX and back, without new keys or passwords", async () => {
  const { domainId, serverIds } = await domainOf("backup-mx");
  const [serverId = ""] = serverIds;
  const before = (await directoryOf(serverId)).length;
  await changeDomainServer(t.owner, { domainId, serverId, role: "mx" });
  expect((await valuesOf(domainId, "MX"))[1]).toMatch(/^10 /);
  await changeDomainServer(t.owner, { domainId, serverId, role: "backup-mx" });
  expect((await valuesOf(domainId, "MX"))[1]).toMatch(/^20 /);
  expect(await directoryOf(serverId)).toHaveLength(before);
});

test("what cannot be is refused in words that say what to do", async () => {
  const { domainId, serverIds } = await domainOf("outbound", "mx");
  const [outboundId = "", mxId = ""] = serverIds;
  const another = await serverOf("another");
  const add = (serverId: string, role: HelperRole) => addDomainServer(t.owner, { domainId, serverId, role });
  await expect(add(mxId, "sender")).rejects.toMatchObject({ kind: "conflict", field: "serverId" });
  await expect(
    changeDomainServer(t.owner, { domainId, serverId: mxId, role: "sender" }),
  ).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/once it has left/),
  });
  for (const change of [
    () => changeDomainServer(t.owner, { domainId, serverId: homeId, role: "mx" }),
    () => removeDomainServer(t.owner, { domainId, serverId: homeId }),
  ])
    await expect(change()).rejects.toMatchObject({
      kind: "precondition-failed",
      message: expect.stringMatching(/^The mailboxes of .* are on mail1/),
    });
  await expect(removeServer(t.owner, { serverId: outboundId })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  const stranger = await t.makeStranger();
  await expect(addDomainServer(stranger, { domainId, serverId: another, role: "mx" })).rejects.toMatchObject({
    kind: "not-found",
  });
  await expect(removeDomainServer(t.as("auditor"), { domainId, serverId: mxId })).rejects.toMatchObject({
    kind: "forbidden",
  });
});

/** A check in which every name server gave these MX hosts. */
async function looked(domainId: string, mxHosts: readonly string[]): Promise<void> {
  const { records } = await getDomain(t.owner, { domainId });
  const values = mxHosts.map((host) => `10 ${host}.`);
  const report = {
    kind: "checked",
    zones: [],
    records: records
      .filter(({ type }) => type === "MX")
      .map((record) => ({
        record,
        verdict: {
          kind: "ok",
          sentence: "",
          answers: [{ kind: "answered", nameServer: "ns1.example", address: "192.0.2.53", values }],
        },
      })),
  } as unknown as DomainCheckReport;
  await recordDomainCheck(t.owner, { domainId, report });
}

const pass = (ms: number) => {
  t.clock.now = new Date(t.clock.now.getTime() + ms);
};

test("a server that receives goes on until no name server names it, and then forgets the domain", async () => {
  const { domainId, name, serverIds } = await domainOf("mx");
  const [serverId = ""] = serverIds;
  const host = `d${lastDomain}-mx.msp.example`;
  await removeDomainServer(t.owner, { domainId, serverId });
  expect(await valuesOf(domainId, "MX")).toEqual(["10 mail1.msp.example"]);
  await looked(domainId, ["mail1.msp.example"]);
  expect(await partOf(serverId, name)).toBeDefined();
  pass(leavesAfterMs);
  await looked(domainId, ["mail1.msp.example", host]);
  expect(await partOf(serverId, name)).toBeDefined();
  expect((await getDomain(t.owner, { domainId })).servers[1]?.leavesSince).not.toBeNull();
  await looked(domainId, ["mail1.msp.example"]);
  expect(await partOf(serverId, name)).toBeUndefined();
  expect((await partOf(homeId, name))?.share).toBeUndefined();
  expect((await directoryOf(serverId)).slice(-3).map(({ op, key }) => `${op} ${key}`)).toEqual([
    `delete info@${name}`,
    `delete ann@${name}`,
    `delete ${name}`,
  ]);
  expect((await getDomain(t.owner, { domainId })).servers).toHaveLength(1);
});

test("a server may stay after all", async () => {
  const { domainId, serverIds } = await domainOf("backup-mx");
  const [serverId = ""] = serverIds;
  await removeDomainServer(t.owner, { domainId, serverId });
  await expect(changeDomainServer(t.owner, { domainId, serverId, role: "mx" })).rejects.toMatchObject({
    kind: "precondition-failed",
  });
  await keepDomainServer(t.owner, { domainId, serverId });
  expect(await valuesOf(domainId, "MX")).toHaveLength(2);
});

test("the records of a server's keys outlive it until its last mail has been read, and its selectors for ever", async () => {
  const { domainId, name, serverIds } = await domainOf("sender");
  const [serverId = ""] = serverIds;
  await t.database.admin.query
    .update(dkimKeys)
    .set({ publicKey: "AAAA", state: "signing" })
    .where(eq(dkimKeys.serverId, serverId));
  const keyRecords = async () =>
    (await getDomain(t.owner, { domainId })).records.filter(({ purpose }) => purpose === "dkim").length;
  expect(await keyRecords()).toBe(2);
  await removeDomainServer(t.owner, { domainId, serverId });
  pass(leavesAfterMs);
  await looked(domainId, ["mail1.msp.example"]);
  expect(await partOf(serverId, name)).toBeUndefined();
  expect(await keyRecords()).toBe(2);
  await expect(removeServer(t.owner, { serverId })).rejects.toMatchObject({
    message: expect.stringMatching(/may still be on its way/),
  });
  pass(8 * 86_400_000);
  await looked(domainId, ["mail1.msp.example"]);
  expect(await keyRecords()).toBe(0);
  await removeServer(t.owner, { serverId });
  const again = await serverOf("again");
  await addDomainServer(t.owner, { domainId, serverId: again, role: "sender" });
  const selectors = (await partOf(again, name))?.dkimKeys.map(({ selector }) => selector);
  expect(selectors).not.toContain("ms202611c");
  expect(selectors).not.toContain("ms202611d");
});
