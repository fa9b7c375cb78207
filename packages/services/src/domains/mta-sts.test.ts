import { servers, targetStates } from "@mailstead/db";
import { makeCertificate } from "@mailstead/db/factories";
import { eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { addServer, changeStackSettings, changeWebSettings, getTargetState } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import {
  addDomain,
  addDomainServer,
  changeMtaSts,
  getMtaSts,
  recordDomainCheck,
  removeDomain,
  renameServer,
} from "./index.ts";

const t = await openServerTest({ name: "web1" });
const { serverId, tenantId } = t;
afterAll(() => t.close());

/** As if an authority had issued it and the host had installed it. */
const certify = async () => {
  const [row] = await t.database.admin.query.select().from(servers).where(eq(servers.id, serverId));
  await makeCertificate(t.database.admin, {
    organisationId: t.organisationId,
    tenantId,
    serverId,
    names: ["web1.msp.example", "web2.msp.example"],
    chain: "chain",
    chainVersion: "1",
    notBefore: new Date("2026-11-01T00:00:00Z"),
    notAfter: new Date("2027-01-30T00:00:00Z"),
    issuedRevision: row?.appliedRevision ?? 0,
  });
};
const domainOf = (name: string) => addDomain(t.owner, { tenantId, serverId, name });
const webOf = async () => (await getTargetState(t.owner, { serverId })).state.web;

/** As if a check had read this policy in the world. */
const see = (domainId: string, { policyId: id, policyText }: { policyId: string; policyText: string }) =>
  recordDomainCheck(t.owner, {
    domainId,
    report: { kind: "checked", records: [], zones: [], policy: { id, policyText } },
  });

test("nothing is enforced while the world trusts no certificate of a mail host", async () => {
  const { domainId } = await domainOf("early.example");
  await changeMtaSts(t.owner, { domainId, mode: "testing" });
  const sentence =
    "Senders that enforce MTA-STS of early.example would deliver nothing to web1.msp.example: it has no certificate of an authority, as far as Mailstead knows; get one on the page of the server.";
  await expect(changeMtaSts(t.owner, { domainId, mode: "enforce" })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: sentence,
  });
  const { modes } = await getMtaSts(t.owner, { domainId });
  expect(modes.map(({ problem }) => problem)).toEqual([null, null, sentence]);
  await changeMtaSts(t.owner, { domainId, mode: "none" });
});

test("a domain goes to enforce by way of testing and back the same way, each with an id of its own", async () => {
  const { domainId } = await domainOf("alpha.example");
  const take = (mode: "none" | "testing" | "enforce") => changeMtaSts(t.owner, { domainId, mode });
  const ids: string[] = [];
  await expect(take("enforce")).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/to testing first/),
  });
  await certify();
  for (const mode of ["testing", "enforce"] as const) {
    await take(mode);
    const { policyText, policyId, mode: now } = await getMtaSts(t.owner, { domainId });
    expect(now).toBe(mode);
    expect(policyText).toContain(`mode: ${mode}\r\nmx: web1.msp.example\r\n`);
    ids.push(policyId);
  }
  await expect(take("none")).rejects.toMatchObject({ kind: "precondition-failed" });
  await expect(removeDomain(t.owner, { domainId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/Take it to testing first/),
  });
  await expect(
    changeWebSettings(t.owner, { serverId, settings: { isEnabled: false } }),
  ).rejects.toMatchObject({
    kind: "precondition-failed",
    message: expect.stringMatching(/^alpha\.example has MTA-STS in mode enforce/),
  });
  // The policy names the MX host, so it changes with the host's name, which is not before senders only test.
  const rename = () => renameServer(t.owner, { serverId, hostname: "web2.msp.example" });
  await expect(rename()).rejects.toMatchObject({
    kind: "precondition-failed",
    field: "hostname",
    message: expect.stringMatching(/^MTA-STS of alpha\.example is enforced/),
  });
  const enforced = await getMtaSts(t.owner, { domainId });
  await take("testing");
  expect(enforced.policyText).toContain("mx: web1.msp.example");
  await see(domainId, enforced);
  await expect(rename()).rejects.toMatchObject({
    message: expect.stringMatching(/^Senders still find the MTA-STS policy of alpha\.example enforced/),
  });
  await see(domainId, await getMtaSts(t.owner, { domainId }));
  await rename();
  ids.push((await getMtaSts(t.owner, { domainId })).policyId);
  await take("none");
  ids.push((await getMtaSts(t.owner, { domainId })).policyId);
  expect(new Set(ids).size).toBe(4);
});

test("a server that only stands in gets no other name either while senders enforce a policy without it", async () => {
  const { domainId } = await domainOf("delta.example");
  const { serverId: backupId } = await addServer(t.owner, {
    tenantId,
    name: "mx9",
    hostname: "mx9.msp.example",
  });
  await addDomainServer(t.owner, { domainId, serverId: backupId, role: "backup-mx" });
  const policyText = "version: STSv1\r\nmode: enforce\r\nmx: mx9.msp.example\r\nmax_age: 604800\r\n";
  await see(domainId, { policyId: "1", policyText });
  await expect(
    renameServer(t.owner, { serverId: backupId, hostname: "mx10.msp.example" }),
  ).rejects.toMatchObject({ kind: "precondition-failed", field: "hostname" });
  await see(domainId, { policyId: "2", policyText: `${policyText}mx: mx10.msp.example\r\n` });
  await renameServer(t.owner, { serverId: backupId, hostname: "mx10.msp.example" });
});

test("a host that serves nothing can promise nothing, and says which modes can be chosen", async () => {
  const { domainId } = await domainOf("beta.example");
  await changeWebSettings(t.owner, { serverId, settings: { isEnabled: false, imprint: "  Us \n there " } });
  expect(await webOf()).toMatchObject({ isEnabled: false, imprint: "Us \n there" });
  await expect(changeMtaSts(t.owner, { domainId, mode: "testing" })).rejects.toMatchObject({
    message: expect.stringMatching(/switch on the web service/),
  });
  const { modes, isServed } = await getMtaSts(t.owner, { domainId });
  expect(isServed).toBe(false);
  expect(modes.map(({ mode, problem }) => [mode, problem === null])).toEqual([
    ["none", true],
    ["testing", false],
    ["enforce", false],
  ]);
  await changeWebSettings(t.owner, { serverId, settings: { isEnabled: true, imprint: " " } });
  expect(await webOf()).toMatchObject({ isEnabled: true, imprint: null });
});

test("a server from before hosts served anything serves from the next change of its settings on, and not before", async () => {
  const forgetWeb = async () => {
    const [row] = await t.database.admin.query
      .select()
      .from(targetStates)
      .where(eq(targetStates.serverId, serverId));
    if (row === undefined) throw new Error("the server has no target state");
    const { state } = await getTargetState(t.owner, { serverId });
    const { web: _, ...older } = state;
    await t.database.admin.query
      .update(targetStates)
      .set({ document: JSON.stringify(older) })
      .where(eq(targetStates.serverId, serverId));
  };
  await forgetWeb();
  expect(await getTargetState(t.owner, { serverId })).toMatchObject({
    isWebChosen: false,
    state: { web: { isEnabled: false } },
  });
  await domainOf("gamma.example");
  expect(await getTargetState(t.owner, { serverId })).toMatchObject({ isWebChosen: false });
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: true } });
  expect(await getTargetState(t.owner, { serverId })).toMatchObject({
    isWebChosen: true,
    state: { web: { isEnabled: true } },
  });
  await forgetWeb();
  // Saying no is a decision too, although it changes nothing on the host.
  await changeWebSettings(t.owner, { serverId, settings: { isEnabled: false } });
  await changeStackSettings(t.owner, { serverId, settings: { hasVirusScan: false } });
  expect((await webOf()).isEnabled).toBe(false);
});
