import { createHash } from "node:crypto";
import { directoryChangeText } from "@mailstead/core/mailboxes";
import { defaultMtaSts } from "@mailstead/core/servers";
import { afterAll, expect, test } from "vitest";
import { createAlias, createMailbox } from "../mailboxes/index.ts";
import {
  changeStackSettings,
  getTargetState,
  installServer,
  readDirectoryChanges,
  recordFacts,
  recordObserved,
} from "../servers/index.ts";
import { listJobsOf } from "../testing/list-jobs-of.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { testFacts } from "../testing/test-facts.ts";
import { addDomain, getDomain, listDomains, removeDomain } from "./index.ts";

const t = await openServerTest();
const { serverId } = t;
afterAll(() => t.close());

const add = (name: string) => addDomain(t.owner, { tenantId: t.tenantId, serverId, name });

test("a domain gets an RSA and an Ed25519 key that do not sign yet, and stands in target state and directory", async () => {
  await add("alpha.example");
  const { state } = await getTargetState(t.owner, { serverId });
  expect(state.domains).toEqual([
    {
      name: "alpha.example",
      dkimKeys: [
        { selector: "ms202611a", algorithm: "rsa-2048", isSigning: false },
        { selector: "ms202611b", algorithm: "ed25519", isSigning: false },
      ],
      mtaSts: defaultMtaSts,
    },
  ]);
  const page = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 100,
  });
  expect(page.changes[0]).toMatchObject({ op: "upsert", entryKind: "domain", key: "alpha.example" });
});

test.each([
  ["Bücher.Example.", "xn--bcher-kva.example"],
  ["straße.example", "xn--strae-oqa.example"],
  ["ALPHA-two.example", "alpha-two.example"],
])("%s is stored as %s", async (typed, stored) => {
  expect(await add(typed)).toMatchObject({ name: stored });
});

test("a domain is shown as people write it", async () => {
  const { domains } = await listDomains(t.owner, { search: "bcher" });
  expect(domains[0]).toMatchObject({
    unicodeName: "bücher.example",
    health: "unchecked",
    checkedAt: null,
  });
});

test("a domain cannot be added twice in any capitals", async () => {
  await expect(add("Alpha.Example")).rejects.toMatchObject({
    kind: "conflict",
    field: "name",
    message: "alpha.example is hosted here already.",
  });
});

test("another customer's server takes no domain", async () => {
  const stranger = await t.makeStranger();
  await expect(
    addDomain(stranger, { tenantId: stranger.ownTenantId, serverId, name: "evil.example" }),
  ).rejects.toMatchObject({ kind: "not-found" });
});

test("a domain that comes back gets new selectors", async () => {
  const first = await add("gone.example");
  await removeDomain(t.owner, first);
  const { domainId } = await add("gone.example");
  expect((await getDomain(t.owner, { domainId })).keys.map((key) => key.selector)).toEqual([
    "ms202611c",
    "ms202611d",
  ]);
});

test("a domain with mailboxes goes only when they are to go too, and the directory forgets all of it", async () => {
  const { domainId } = await add("full.example");
  await createMailbox(t.owner, { domainId, localPart: "ann", password: "a good password" });
  await createAlias(t.owner, { domainId, localPart: "info", destinations: ["ann@full.example"] });
  await expect(removeDomain(t.owner, { domainId })).rejects.toMatchObject({
    kind: "precondition-failed",
    message: "full.example still has 1 mailbox; remove those first.",
  });
  await removeDomain(t.owner, { domainId, removesMailboxes: true });
  const page = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 1000,
  });
  expect(page.changes.slice(-3).map((change) => `${change.op} ${change.key}`)).toEqual([
    "delete info@full.example",
    "delete ann@full.example",
    "delete full.example",
  ]);
});

test("the log is one chain from its start", async () => {
  const page = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 0,
    upToRevision: 1000,
  });
  let chain = "";
  for (const change of page.changes)
    chain = createHash("sha256")
      .update(chain + directoryChangeText(change))
      .digest("hex");
  const { rows } = await t.database.admin.pool.query("select directory_chain from servers where id = $1", [
    serverId,
  ]);
  expect(rows[0].directory_chain).toBe(chain);
});

test("keys that the host reports become records, and none is planned for an address the world cannot reach", async () => {
  const { domainId } = await add("keys.example");
  await recordFacts(t.system, {
    serverId,
    facts: testFacts({ ipAddresses: ["198.51.100.11", "10.0.0.5", "fe80::1"] }),
  });
  await recordObserved(t.system, {
    serverId,
    report: {
      targetRevision: 1,
      drift: [],
      dkimPublicKeys: [
        { domain: "keys.example", selector: "ms202611a", algorithm: "rsa-2048", publicKey: "QUJD" },
        { domain: "keys.example", selector: "ms999999z", algorithm: "rsa-2048", publicKey: "RVZJTA==" },
        { domain: "other.example", selector: "ms202611a", algorithm: "rsa-2048", publicKey: "RVZJTA==" },
      ],
      directory: { epoch: 1, revision: 1 },
    },
  });
  const { records } = await getDomain(t.owner, { domainId });
  expect(records.map((record) => `${record.type} ${record.value}`)).toEqual([
    "MX 10 mail1.msp.example",
    "A 198.51.100.11",
    "PTR mail1.msp.example",
    "TXT v=spf1 mx -all",
    "TXT v=spf1 a -all",
    "TXT v=DKIM1; k=rsa; p=QUJD",
    "TXT v=DMARC1; p=quarantine; rua=mailto:mailstead-reports@mail1.msp.example",
    "TXT v=DMARC1;",
    "TXT v=TLSRPTv1; rua=mailto:mailstead-reports@mail1.msp.example",
    "CNAME mail1.msp.example",
    "CNAME mail1.msp.example",
    "SRV 0 1 993 mail1.msp.example",
    "SRV 0 1 465 mail1.msp.example",
    "SRV 0 1 587 mail1.msp.example",
    "SRV 0 1 4190 mail1.msp.example",
    "SRV 0 1 443 mail1.msp.example",
  ]);
});

test.each([
  ["dual", ["A 198.51.100.11", "AAAA 2001:db8:51::b", "PTR mail1.msp.example", "PTR mail1.msp.example"]],
  [
    "prefer-ipv4",
    ["A 198.51.100.11", "AAAA 2001:db8:51::b", "PTR mail1.msp.example", "PTR mail1.msp.example"],
  ],
  ["ipv4-only", ["A 198.51.100.11", "PTR mail1.msp.example"]],
  ["ipv6-only", ["AAAA 2001:db8:51::b", "PTR mail1.msp.example"]],
] as const)("a server set to %s is asked about at %j and nowhere else", async (ipFamilies, expected) => {
  const { domainId } = await add(`${ipFamilies}.example`);
  await recordFacts(t.system, {
    serverId,
    facts: testFacts({ ipAddresses: ["198.51.100.11", "2001:db8:51::b"] }),
  });
  await changeStackSettings(t.owner, { serverId, settings: { ipFamilies } });
  const { records } = await getDomain(t.owner, { domainId });
  expect(
    records.filter(({ type }) => /^(A|AAAA|PTR)$/.test(type)).map(({ type, value }) => `${type} ${value}`),
  ).toEqual(expected);
  await changeStackSettings(t.owner, { serverId, settings: { ipFamilies: "dual" } });
  await recordFacts(t.system, { serverId, facts: testFacts() });
});

test("once installed, a new domain asks for one converge and one sync, however many changes wait", async () => {
  await installServer(t.owner, { serverId });
  await add("late.example");
  await add("later.example");
  const jobs = await listJobsOf(t, serverId);
  expect(
    jobs
      .filter((job) => job.state === "queued")
      .map((job) => job.verb)
      .sort(),
  ).toEqual(["converge", "sync-directory"]);
  const { state } = await getTargetState(t.owner, { serverId });
  expect(jobs.find((job) => job.verb === "converge")?.args).toMatchObject({ targetRevision: state.revision });
});
