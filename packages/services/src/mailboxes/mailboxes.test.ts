import type { DirectoryChange } from "@mailstead/core/mailboxes";
import { makeMailbox } from "@mailstead/db/factories";
import { afterAll, beforeEach, expect, test } from "vitest";
import { verifyPassword } from "../access/index.ts";
import { addDomain } from "../domains/index.ts";
import { readDirectoryChanges } from "../servers/index.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import {
  changeAlias,
  createAlias,
  createMailbox,
  findMailboxes,
  getClientSettings,
  importMailboxes,
  listAliases,
  listMailboxes,
  removeAlias,
  removeMailbox,
  setMailboxEnabled,
  setMailboxPassword,
  setMailboxQuota,
} from "./index.ts";

const t = await openServerTest({ name: "mail" });
const { serverId } = t;
let domainId: string;
let domain: string;
let count = 0;
const password = "a good password";
const hash = "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA";

afterAll(() => t.close());
beforeEach(async () => {
  count += 1;
  domain = `d${count}.example`;
  ({ domainId } = await addDomain(t.owner, { tenantId: t.tenantId, serverId, name: domain }));
});

async function changesOf(work: () => Promise<unknown>): Promise<DirectoryChange[]> {
  const revision = async () =>
    Number(
      (await t.database.admin.pool.query("select directory_revision from servers where id = $1", [serverId]))
        .rows[0].directory_revision,
    );
  const before = await revision();
  await work();
  const wanted = { serverId, epoch: 1, afterRevision: before, upToRevision: await revision() };
  return (await readDirectoryChanges(t.system, wanted)).changes;
}

const create = (localPart: string, quotaBytes = 0) =>
  createMailbox(t.owner, { domainId, localPart, password, quotaBytes });

test("a mailbox is one change of the directory, with a hash that Dovecot verifies", async () => {
  const [change] = await changesOf(() => create(" Ann ", 1000));
  expect(change).toMatchObject({
    op: "upsert",
    key: `ann@${domain}`,
    entry: { kind: "mailbox", quotaBytes: 1000, isEnabled: true },
  });
  const stored = change?.entry?.kind === "mailbox" ? change.entry.passwordHash : "";
  expect(stored.startsWith("{ARGON2ID}$argon2id$")).toBe(true);
  expect(await verifyPassword(password, stored.slice("{ARGON2ID}".length))).toBe(true);
});

test("one address has one mailbox, whatever its capitals", async () => {
  await create("ann");
  await expect(create("ANN")).rejects.toMatchObject({ kind: "conflict", field: "localPart" });
});

test("quota, password and enabled are each one change that keeps the rest", async () => {
  const { mailboxId } = await create("ann", 500);
  expect(await changesOf(() => setMailboxQuota(t.owner, { mailboxId, quotaBytes: 700 }))).toMatchObject([
    { entry: { quotaBytes: 700, isEnabled: true } },
  ]);
  expect(await changesOf(() => setMailboxEnabled(t.owner, { mailboxId, isEnabled: false }))).toMatchObject([
    { entry: { quotaBytes: 700, isEnabled: false } },
  ]);
  const [changed] = await changesOf(() =>
    setMailboxPassword(t.owner, { mailboxId, password: "another password" }),
  );
  expect(changed?.entry).toMatchObject({ quotaBytes: 700, isEnabled: false });
  await expect(setMailboxPassword(t.owner, { mailboxId, password: "short" })).rejects.toMatchObject({
    kind: "invalid",
    field: "password",
  });
});

test("whoever receives an alias as a mailbox of ours may send in its name, from the moment it is one", async () => {
  const destinations = [`ann@${domain}`, "friend@elsewhere.example"];
  const [made] = await changesOf(() => createAlias(t.owner, { domainId, localPart: "info", destinations }));
  expect(made?.entry).toMatchObject({ destinations, senders: [] });
  const changes = await changesOf(() => create("ann"));
  expect(changes.at(-1)?.entry).toMatchObject({ address: `info@${domain}`, senders: [`ann@${domain}`] });
});

test("a removed mailbox leaves every alias, and an alias that led nowhere else goes too", async () => {
  const { mailboxId } = await create("ann");
  await create("bob");
  await createAlias(t.owner, {
    domainId,
    localPart: "both",
    destinations: [`ann@${domain}`, `bob@${domain}`],
  });
  await createAlias(t.owner, { domainId, localPart: "only", destinations: [`ann@${domain}`] });
  const changes = await changesOf(() => removeMailbox(t.owner, { mailboxId }));
  expect(changes.map((change) => `${change.op} ${change.key}`).sort()).toEqual([
    `delete ann@${domain}`,
    `delete only@${domain}`,
    `upsert both@${domain}`,
  ]);
  expect((await listAliases(t.owner, { domainId })).aliases).toMatchObject([
    { address: `both@${domain}`, destinations: [`bob@${domain}`] },
  ]);
});

test("a catch-all stands once, and an alias may keep a copy only where a mailbox takes it", async () => {
  await createAlias(t.owner, { domainId, isCatchAll: true, destinations: ["all@elsewhere.example"] });
  await expect(
    createAlias(t.owner, { domainId, isCatchAll: true, destinations: ["all@elsewhere.example"] }),
  ).rejects.toMatchObject({ kind: "conflict", message: "This domain has a catch-all already." });
  const loop = { domainId, localPart: "ann", destinations: [`ann@${domain}`, "copy@elsewhere.example"] };
  await expect(createAlias(t.owner, loop)).rejects.toMatchObject({ kind: "invalid", field: "destinations" });
  await create("ann");
  await createAlias(t.owner, loop);
});

test("an alias can be changed and removed", async () => {
  const { aliasId } = await createAlias(t.owner, {
    domainId,
    localPart: "info",
    destinations: ["A@B.Example"],
  });
  const [changed] = await changesOf(() =>
    changeAlias(t.owner, { aliasId, destinations: ["x@b.example", "X@b.example"] }),
  );
  expect(changed?.entry).toMatchObject({ destinations: ["x@b.example"] });
  const [removed] = await changesOf(() => removeAlias(t.owner, { aliasId }));
  expect(removed).toMatchObject({ op: "delete", entryKind: "alias", key: `info@${domain}` });
});

test("mailboxes are found by part of their name, and % is only a character", async () => {
  for (const name of ["ann", "anna", "bob"]) await create(name);
  const find = async (search: string) =>
    (await listMailboxes(t.owner, { domainId, search })).mailboxes.map((mailbox) => mailbox.localPart);
  expect(await find("ann")).toEqual(["ann", "anna"]);
  expect(await find("%")).toEqual([]);
  const page = await listMailboxes(t.owner, { domainId, limit: 2 });
  expect(page).toMatchObject({ total: 3, nextCursor: `anna@${domain}` });
  const rest = await listMailboxes(t.owner, { domainId, limit: 2, cursor: page.nextCursor ?? "" });
  expect(rest).toMatchObject({ mailboxes: [{ localPart: "bob" }], nextCursor: null });
  expect(JSON.stringify(page)).not.toContain("argon2");
});

test("a mailbox is found over all domains by any part of its address", async () => {
  await create("zoe.needle");
  const find = async (search: string) =>
    (await findMailboxes(t.owner, { search })).mailboxes.map((mailbox) => mailbox.address);
  expect(await find("NEEDLE")).toEqual([`zoe.needle@${domain}`]);
  expect(await find(`needle@d${count}.ex`)).toEqual([`zoe.needle@${domain}`]);
  expect(await find("needle%")).toEqual([]);
});

test("a mail program is told the host of the domain", async () => {
  const { mailboxId } = await create("ann");
  expect(await getClientSettings(t.owner, { mailboxId })).toMatchObject({
    username: `ann@${domain}`,
    imap: { host: "mail.msp.example", port: 993 },
  });
});

test("another organisation finds neither the domain nor the mailbox", async () => {
  const stranger = await t.makeStranger();
  const { mailboxId } = await create("ann");
  await expect(listMailboxes(stranger, { domainId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(removeMailbox(stranger, { mailboxId })).rejects.toMatchObject({ kind: "not-found" });
  await expect(createMailbox(stranger, { domainId, localPart: "eve", password })).rejects.toMatchObject({
    kind: "not-found",
  });
});

test("an import makes all or none and names what is in the way", async () => {
  const rows = (names: string[]) => names.map((localPart) => ({ localPart, passwordHash: hash }));
  await makeMailbox(t.database.admin, {
    organisationId: t.organisationId,
    tenantId: t.tenantId,
    domainId,
    localPart: "taken",
  });
  await expect(
    importMailboxes(t.owner, { domainId, mailboxes: rows(["new", "taken"]) }),
  ).rejects.toMatchObject({
    kind: "conflict",
    message: '"taken" exists in this domain already.',
  });
  await expect(importMailboxes(t.owner, { domainId, mailboxes: rows(["a", "A"]) })).rejects.toMatchObject({
    message: '"a" stands twice in the import.',
  });
  expect((await listMailboxes(t.owner, { domainId })).total).toBe(1);
});

test("ten thousand mailboxes are imported and read page by page, in frames that fit the wire", async () => {
  const mailboxes = Array.from({ length: 10_000 }, (_, index) => ({
    localPart: `user${index}`,
    passwordHash: hash,
  }));
  const before = Number(
    (await t.database.admin.pool.query("select directory_revision from servers where id = $1", [serverId]))
      .rows[0].directory_revision,
  );
  await importMailboxes(t.owner, { domainId, mailboxes });
  let revision = before;
  let pages = 0;
  for (let hasMore = true; hasMore; pages++) {
    const page = await readDirectoryChanges(t.system, {
      serverId,
      epoch: 1,
      afterRevision: revision,
      upToRevision: before + 10_000,
    });
    expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1_000_000);
    expect(page.changes[0]?.revision).toBe(revision + 1);
    revision = page.changes.at(-1)?.revision ?? revision;
    hasMore = page.hasMore;
  }
  expect(revision).toBe(before + 10_000);
  expect(pages).toBeLessThanOrEqual(6);
});
