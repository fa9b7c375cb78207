import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import {
  type DirectoryEntry,
  directoryChangeText,
  directoryEntrySchema,
  directoryResetStatements,
  directorySchemaSql,
  directoryStatements,
} from "@mailstead/core/mailboxes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withTransaction } from "../context/index.ts";
import { getServerForChange, installServer, readDirectoryChanges, recordObserved } from "../servers/index.ts";
import { listJobsOf } from "../testing/list-jobs-of.ts";
import { openServerTest } from "../testing/open-server-test.ts";
import { type DirectoryEdit, editDirectory, forgetOldDirectoryLogs } from "./index.ts";

const t = await openServerTest({ name: "mail" });
const { serverId } = t;
beforeAll(async () => {
  await installServer(t.owner, { serverId });
});
afterAll(() => t.close());

const upsert = (entry: unknown): DirectoryEdit => ({
  op: "upsert",
  entry: directoryEntrySchema.parse(entry),
});
const mailbox = (localPart: string, quotaBytes = 0): Extract<DirectoryEntry, { kind: "mailbox" }> => ({
  kind: "mailbox",
  mailboxId: "0193a5b0-7c1e-7000-8000-000000000001",
  address: `${localPart}@alpha.example` as never,
  passwordHash: "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaA",
  quotaBytes,
  isEnabled: true,
});

const edit = (...edits: DirectoryEdit[]) =>
  withTransaction(t.owner, async (tx) =>
    editDirectory(tx, t.owner, { server: await getServerForChange(tx, serverId), edits }),
  );

interface Head {
  epoch: number;
  revision: number;
  chain: string;
}

/** What the newest sync job, as it would be signed, tells the agent to come to. */
async function orderedHead(): Promise<Head> {
  const job = (await listJobsOf(t, serverId)).findLast(({ verb }) => verb === "sync-directory");
  return job?.args as Head;
}

/** A host's directory that follows the log as the agent does: from its own head, and from nothing in a new epoch. */
class HostDirectory {
  readonly database = new DatabaseSync(":memory:");
  head: Head = { epoch: 0, revision: 0, chain: "" };

  constructor() {
    this.database.exec(directorySchemaSql);
  }

  async sync(target: Head): Promise<number> {
    if (this.head.epoch !== target.epoch) {
      for (const { sql } of directoryResetStatements) this.database.exec(sql);
      this.head = { epoch: target.epoch, revision: 0, chain: "" };
    }
    let fetched = 0;
    while (this.head.revision < target.revision) {
      const { epoch, revision: afterRevision } = this.head;
      const page = await readDirectoryChanges(t.system, {
        serverId,
        epoch,
        afterRevision,
        upToRevision: target.revision,
      });
      expect(page.epoch).toBe(epoch);
      for (const change of page.changes) {
        for (const { sql, parameters } of directoryStatements(change))
          this.database.prepare(sql).run(...parameters);
        const chain = createHash("sha256").update(this.head.chain + directoryChangeText(change));
        this.head = { epoch, revision: change.revision, chain: chain.digest("hex") };
        fetched += 1;
      }
    }
    expect(this.head).toEqual(target);
    return fetched;
  }

  content(): unknown {
    const tables = ["domains", "mailboxes", "aliases", "alias_destinations", "alias_senders"];
    return tables.map((table) => this.database.prepare(`select * from ${table}`).all());
  }
}

/** What the first test writes before the log starts anew. */
const oldLogLength = 6 + 4 * 249;

test("a log long past its living entries starts anew, and a host of the old epoch ends at the same directory", async () => {
  const host = new HostDirectory();
  await edit(
    upsert({ kind: "domain", name: "alpha.example" }),
    upsert({ kind: "domain", name: "gone.example" }),
    upsert(mailbox("ann")),
    upsert(mailbox("bob")),
    upsert({
      kind: "alias",
      address: "info@alpha.example",
      destinations: ["ann@alpha.example", "x@elsewhere.example"],
      senders: ["ann@alpha.example"],
    }),
    { op: "delete", entryKind: "domain", key: "gone.example" },
  );
  await host.sync(await orderedHead());
  expect(host.head.epoch).toBe(1);
  for (let batch = 0; batch < 4; batch++)
    await edit(...Array.from({ length: 249 }, (_, index) => upsert(mailbox("ann", batch * 1000 + index))));
  const target = await orderedHead();
  expect(target).toMatchObject({ epoch: 2, revision: 4 });

  // Beside the host that follows: one that reads the old log to its end, and one that has nothing yet.
  const whole = new HostDirectory();
  const old = new HostDirectory();
  const { rows } = await t.database.admin.pool.query(
    "select chain from directory_changes where server_id = $1 and epoch = 1 and revision = $2",
    [serverId, oldLogLength],
  );
  await old.sync({ epoch: 1, revision: oldLogLength, chain: rows[0].chain });
  expect(await host.sync(target)).toBe(4);
  expect(await whole.sync(target)).toBe(4);
  expect(host.content()).toEqual(old.content());
  expect(whole.content()).toEqual(old.content());

  // And the log goes on in the new epoch.
  await edit(upsert(mailbox("cy")));
  const next = await orderedHead();
  expect(next).toMatchObject({ epoch: 2, revision: 5 });
  expect(await host.sync(next)).toBe(1);
});

test("the log of an epoch is forgotten once its host has left it, and asking for it then gives the current one", async () => {
  const count = async () =>
    (
      await t.database.admin.pool.query(
        "select epoch, count(*)::integer from directory_changes group by 1 order by 1",
      )
    ).rows;
  expect(await forgetOldDirectoryLogs(t.system)).toBe(0);
  await recordObserved(t.system, {
    serverId,
    report: { targetRevision: 1, drift: [], dkimPublicKeys: [], directory: { epoch: 2, revision: 5 } },
  });
  expect(await forgetOldDirectoryLogs(t.system)).toBe(oldLogLength);
  expect(await count()).toEqual([{ epoch: 2, count: 5 }]);
  const page = await readDirectoryChanges(t.system, {
    serverId,
    epoch: 1,
    afterRevision: 3,
    upToRevision: 100,
  });
  expect(page).toMatchObject({ epoch: 2, hasMore: false });
  expect(page.changes).toHaveLength(5);
});

test("a directory that was emptied starts anew with nothing", async () => {
  const churn = Array.from({ length: 1300 }, (_, index) => upsert(mailbox("ann", index)));
  const removals = ["ann", "bob", "cy"].map((name) => ({
    op: "delete" as const,
    entryKind: "mailbox" as const,
    key: `${name}@alpha.example`,
  }));
  await edit(
    ...churn,
    ...removals,
    { op: "delete", entryKind: "alias", key: "info@alpha.example" },
    { op: "delete", entryKind: "domain", key: "alpha.example" },
  );
  const target = await orderedHead();
  expect(target).toEqual({ epoch: 3, revision: 0, chain: "" });
  const host = new HostDirectory();
  await host.sync(target);
  expect(host.content()).toEqual([[], [], [], [], []]);
});
