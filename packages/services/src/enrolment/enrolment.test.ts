import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { proofText, protocolVersion } from "@mailstead/core/wire";
import type { Transaction } from "@mailstead/db";
import { makeGateway } from "@mailstead/db/factories";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAudit } from "../audit/index.ts";
import { type AgentConnection, apart, ConnectionOverError, inGroups } from "../context/index.ts";
import { addDomain } from "../domains/index.ts";
import {
  addServer,
  getServer,
  getTargetState,
  installServer,
  readDirectoryChanges,
  recordFacts,
  recordObserved,
  removeServer,
  renewEnrolment,
} from "../servers/index.ts";
import { openServiceTest, type ServiceTest } from "../testing/service-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { enrolAgent, openAgentSession, openAgentSessions } from "./index.ts";

let t: ServiceTest;
let gatewayId: string;
beforeAll(async () => {
  t = await openServiceTest();
  // Postgres asks its own clock whether a token has expired.
  t.clock.now = new Date();
  gatewayId = (await makeGateway(t.database.admin)).id;
});
afterAll(() => t.close());

let hosts = 0;
function makeHost() {
  hosts += 1;
  const machineId = hosts.toString(16).padStart(32, "0");
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
  const request = (token: string) => ({
    token,
    agentPublicKey: raw,
    sealingPublicKey: raw,
    hostname: "host",
    machineId,
    agentVersion: "0.1.0",
    protocolVersion,
  });
  const prove = (agentId: string, sessionCounter: number, nonce = "nonce") => {
    const claim = { agentId, protocolVersion, agentVersion: "0.1.0", bootId: "boot", sessionCounter };
    const signature = sign(null, Buffer.from(proofText({ ...claim, nonce })), privateKey).toString("base64");
    return { nonce: "nonce", gatewayId, proof: { type: "proof" as const, ...claim, signature } };
  };
  return { request, prove };
}

async function add() {
  hosts += 1;
  return addServer(t.owner, {
    tenantId: t.tenantId,
    name: `mail${hosts}`,
    hostname: `mail${hosts}.msp.example`,
  });
}

async function enrolled() {
  const { serverId, token } = await add();
  const host = makeHost();
  const enrolment = await enrolAgent(t.gateway, host.request(token));
  if (enrolment.kind !== "enrolled") throw new Error(enrolment.refusal.sentence);
  return { serverId, host, agentId: enrolment.response.agentId };
}

test("the command carries a token that pins the signing key, and works once", async () => {
  const { serverId, token, command } = await add();
  expect(command).toBe(`curl -fsSL https://control.example/install.sh | sudo sh -s -- ${token}`);
  const enrolment = await enrolAgent(t.gateway, makeHost().request(token));
  expect(enrolment).toMatchObject({
    kind: "enrolled",
    response: { serverId, signingPublicKey: t.installation.signingPublicKey },
  });
  const again = await enrolAgent(t.gateway, makeHost().request(token));
  expect(again).toMatchObject({ kind: "refused", refusal: { code: "token-used" } });
});

test("of two hosts that use one token at the same moment, one is let in", async () => {
  const { token } = await add();
  const outcomes = await Promise.all(
    [makeHost(), makeHost()].map((host) => enrolAgent(t.gateway, host.request(token))),
  );
  expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(["enrolled", "refused"]);
});

test("of two servers that one host becomes at the same moment, one gets it", async () => {
  const host = makeHost();
  const added = [await add(), await add(), await add()];
  const outcomes = await Promise.all(added.map(({ token }) => enrolAgent(t.gateway, host.request(token))));
  const said = outcomes.map((outcome) => (outcome.kind === "refused" ? outcome.refusal.code : outcome.kind));
  expect(said.sort()).toEqual(["enrolled", "host-already-enrolled", "host-already-enrolled"]);
});

test("wrong, expired and replaced tokens are refused, each with its reason", async () => {
  const { serverId, token } = await add();
  const unknown = `ms1.${"x".repeat(22)}.${"y".repeat(43)}`;
  expect(await enrolAgent(t.gateway, makeHost().request(unknown))).toMatchObject({
    refusal: { code: "token-unknown" },
  });
  expect(await enrolAgent(t.gateway, makeHost().request("rubbish"))).toMatchObject({
    refusal: { code: "invalid" },
  });
  await t.database.admin.pool.query(
    "update enrolment_tokens set expires_at = now() - interval '1 second' where server_id = $1",
    [serverId],
  );
  // A gateway that says it is earlier does not make the token count again.
  const earlier = { ...t.gateway, now: () => new Date(t.clock.now.getTime() - 60_000) };
  expect(await enrolAgent(earlier, makeHost().request(token))).toMatchObject({
    refusal: { code: "token-expired" },
  });
  await renewEnrolment(t.owner, { serverId });
  expect(await enrolAgent(t.gateway, makeHost().request(token))).toMatchObject({
    refusal: { code: "token-unknown" },
  });
});

test("a host cannot be two servers, and a removed server frees it", async () => {
  const { serverId, token } = await add();
  const host = makeHost();
  await enrolAgent(t.gateway, host.request(token));
  const second = await add();
  expect(await enrolAgent(t.gateway, host.request(second.token))).toMatchObject({
    refusal: { code: "host-already-enrolled" },
  });
  await removeServer(t.owner, { serverId });
  expect(await enrolAgent(t.gateway, host.request(second.token))).toMatchObject({ kind: "enrolled" });
});

test("a proof for this nonce opens a session, and the server is online", async () => {
  const { serverId, host, agentId } = await enrolled();
  expect(await openAgentSession(t.gateway, host.prove(agentId, 1))).toMatchObject({
    kind: "welcome",
    session: { serverId, tenantId: t.tenantId, sessionCounter: 1 },
  });
  expect(await getServer(t.owner, { serverId })).toMatchObject({
    isConnected: true,
    status: "not-installed",
  });
});

test("of many that connect at once each is judged by itself, also a clone among them", async () => {
  const [one, two, clone] = [await enrolled(), await enrolled(), await enrolled()];
  await openAgentSession(t.gateway, clone.host.prove(clone.agentId, 5));
  const open = inGroups({
    together: openAgentSessions,
    nameOf: ({ proof }) => proof.agentId + proof.signature,
    groupsMax: 1,
    lengthMax: 9,
  });
  const answers = await Promise.all(
    [
      one.host.prove(one.agentId, 1, "another nonce"),
      two.host.prove(two.agentId, 1),
      clone.host.prove(clone.agentId, 5),
      one.host.prove(randomUUID(), 1),
    ].map((wanted) => open(t.gateway, wanted)),
  );
  expect(answers).toMatchObject([
    { kind: "refused", refusal: { code: "bad-signature" } },
    { kind: "welcome", session: { agentId: two.agentId, serverId: two.serverId, sessionCounter: 1 } },
    { kind: "refused", refusal: { code: "old-counter" }, heldBy: { serverId: clone.serverId, gatewayId } },
    { kind: "refused", refusal: { code: "unknown-agent" } },
  ]);
  const isConnected = async (serverId: string) => (await getServer(t.owner, { serverId })).isConnected;
  expect(await isConnected(two.serverId)).toBe(true);
  expect(await isConnected(one.serverId)).toBe(false);
  expect(await isConnected(clone.serverId)).toBe(false);
});

test("agents that were let in as the connection to the database broke are not taken for clones, and come in by their next number", async () => {
  const [first, one, two] = [await enrolled(), await enrolled(), await enrolled()];
  const { database } = t.gateway;
  let transactions = 0;
  const cut = {
    ...t.gateway,
    database: {
      ...database,
      async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
        transactions += 1;
        const isSecond = transactions === 2;
        const result = await database.transaction(work);
        if (isSecond) throw new Error("Connection terminated unexpectedly");
        return result;
      },
    },
  };
  const open = inGroups({
    together: openAgentSessions,
    nameOf: ({ proof }) => proof.agentId,
    groupsMax: 1,
    lengthMax: 9,
  });
  const asked = [first, one, two].map(({ host, agentId }) => open(cut, host.prove(agentId, 1)));
  const [welcomed, ...lost] = await Promise.allSettled(asked);
  expect(welcomed).toMatchObject({ status: "fulfilled", value: { kind: "welcome" } });
  expect(lost).toMatchObject(Array(2).fill({ status: "rejected", reason: { name: "UnknownOutcomeError" } }));
  for (const { host, agentId } of [one, two])
    expect(await openAgentSession(t.gateway, host.prove(agentId, 2))).toMatchObject({ kind: "welcome" });
});

test("an agent that has gone before its turn is not let in, and not taken for a clone of the one that came after it", async () => {
  const { host, agentId, serverId } = await enrolled();
  await openAgentSession(t.gateway, host.prove(agentId, 2));
  const late = { ...host.prove(agentId, 1), hasGone: () => true };
  await expect(openAgentSession(t.gateway, late)).rejects.toThrow(ConnectionOverError);
  expect(await getServer(t.owner, { serverId })).toMatchObject({ isConnected: true });
  expect(await openAgentSession(t.gateway, host.prove(agentId, 3))).toMatchObject({ kind: "welcome" });
});

test("a server that somebody has in hand holds up none of those that connect with it", async () => {
  const [busy, other] = [await enrolled(), await enrolled()];
  const wanted = [busy.host.prove(busy.agentId, 1), other.host.prove(other.agentId, 1)];
  const held = await t.database.admin.pool.connect();
  try {
    await held.query("begin");
    await held.query("select from servers where id = $1 for update", [busy.serverId]);
    const answers = await openAgentSessions(wanted.map((input) => ({ ctx: t.gateway, input })));
    expect(answers).toMatchObject([apart, { kind: "welcome" }]);
  } finally {
    await held.query("rollback");
    held.release();
  }
  expect(await openAgentSession(t.gateway, busy.host.prove(busy.agentId, 1))).toMatchObject({
    kind: "welcome",
  });
});

test("an unknown agent, a proof for another nonce and one by another key are refused", async () => {
  const { host, agentId } = await enrolled();
  expect(await openAgentSession(t.gateway, host.prove(randomUUID(), 1))).toMatchObject({
    refusal: { code: "unknown-agent" },
  });
  expect(await openAgentSession(t.gateway, host.prove(agentId, 1, "other nonce"))).toMatchObject({
    refusal: { code: "bad-signature" },
  });
  expect(await openAgentSession(t.gateway, makeHost().prove(agentId, 1))).toMatchObject({
    refusal: { code: "bad-signature" },
  });
});

test("a session counter that was used before quarantines the server until it is enrolled again", async () => {
  const { serverId, host, agentId } = await enrolled();
  await openAgentSession(t.gateway, host.prove(agentId, 5));
  expect(await openAgentSession(t.gateway, host.prove(agentId, 5))).toMatchObject({
    refusal: { code: "old-counter" },
  });
  expect(await openAgentSession(t.gateway, host.prove(agentId, 6))).toMatchObject({
    refusal: { code: "quarantined" },
  });
  expect(await getServer(t.owner, { serverId })).toMatchObject({ status: "quarantined", level: "trouble" });
  const { entries } = await listAudit(t.owner, { subjectId: serverId, action: "quarantine-server" });
  expect(entries).toHaveLength(1);

  const { token } = await renewEnrolment(t.owner, { serverId });
  const enrolment = await enrolAgent(t.gateway, host.request(token));
  if (enrolment.kind !== "enrolled") throw new Error(enrolment.refusal.sentence);
  expect(await openAgentSession(t.gateway, host.prove(enrolment.response.agentId, 1))).toMatchObject({
    kind: "welcome",
  });
});

test("another machine under the same server starts from nothing, with new DKIM keys under new selectors", async () => {
  const { serverId } = await enrolled();
  const { domainId, name } = await addDomain(t.owner, {
    tenantId: t.tenantId,
    serverId,
    name: "moved.example",
  });
  await installServer(t.owner, { serverId });
  const report = (selectors: string[]) => ({
    targetRevision: 2,
    drift: [],
    dkimPublicKeys: selectors.map((selector) => ({
      domain: name,
      selector,
      algorithm: "ed25519" as const,
      publicKey: "QUJD",
    })),
    directory: { epoch: 1, revision: 1 },
  });
  const month = `ms${t.clock.now.toISOString().slice(0, 7).replace("-", "")}`;
  await recordObserved(t.gateway, { serverId, report: report([`${month}a`, `${month}b`]) });
  await t.database.admin.pool.query("update dkim_keys set state = 'signing' where domain_id = $1", [
    domainId,
  ]);

  const { token } = await renewEnrolment(t.owner, { serverId });
  await enrolAgent(t.gateway, makeHost().request(token));
  expect(await getServer(t.owner, { serverId })).toMatchObject({
    appliedRevision: 0,
    installRequestedAt: null,
  });
  await installServer(t.owner, { serverId });
  const { state } = await getTargetState(t.owner, { serverId });
  expect(state.domains[0]?.dkimKeys).toEqual([
    { selector: `${month}c`, algorithm: "rsa-2048", isSigning: false },
    { selector: `${month}d`, algorithm: "ed25519", isSigning: false },
  ]);
});

test("the same machine that enrols again goes on where it was", async () => {
  const { serverId, host } = await enrolled();
  await installServer(t.owner, { serverId });
  const { token } = await renewEnrolment(t.owner, { serverId });
  await enrolAgent(t.gateway, host.request(token));
  expect((await getServer(t.owner, { serverId })).installRequestedAt).not.toBeNull();
});

/** A server whose agent is connected, with what its connection tells and asks. */
async function connected() {
  const known = await enrolled();
  const opened = await openAgentSession(t.gateway, known.host.prove(known.agentId, 1));
  if (opened.kind !== "welcome") throw new Error(opened.refusal.sentence);
  const connection: AgentConnection = opened.session;
  const ctx = { ...t.gateway, connection };
  const { serverId } = known;
  const attempt = () =>
    Promise.allSettled([
      recordFacts(ctx, { serverId, facts: testFacts() }),
      readDirectoryChanges(ctx, { serverId, epoch: 1, afterRevision: 0, upToRevision: 9 }),
    ]);
  return { ...known, attempt };
}

test.each<[string, (known: Awaited<ReturnType<typeof connected>>) => Promise<unknown>]>([
  ["connects anew", ({ host, agentId }) => openAgentSession(t.gateway, host.prove(agentId, 2))],
  ["is locked out", ({ host, agentId }) => openAgentSession(t.gateway, host.prove(agentId, 1))],
  [
    "is replaced",
    async ({ serverId }) =>
      enrolAgent(t.gateway, makeHost().request((await renewEnrolment(t.owner, { serverId })).token)),
  ],
  ["loses its server", ({ serverId }) => removeServer(t.owner, { serverId })],
])("a connection is heard and served until its agent %s", async (_what, happens) => {
  const known = await connected();
  expect((await known.attempt()).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
  await happens(known);
  const reason = expect.any(ConnectionOverError);
  expect(await known.attempt()).toEqual([
    { status: "rejected", reason },
    { status: "rejected", reason },
  ]);
});

test("an enrolment says which gateway holds the connection of the agent that it replaces", async () => {
  const { serverId, host, agentId } = await enrolled();
  await openAgentSession(t.gateway, host.prove(agentId, 1));
  const anew = async () =>
    enrolAgent(t.gateway, makeHost().request((await renewEnrolment(t.owner, { serverId })).token));
  expect(await anew()).toMatchObject({ kind: "enrolled", heldBy: gatewayId });
  expect(await anew()).toMatchObject({ kind: "enrolled", heldBy: null });
});
