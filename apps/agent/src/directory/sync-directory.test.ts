import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DirectoryChange } from "@mailstead/core/mailboxes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GatewayRequests } from "../link/requests.ts";
import type { Host } from "../platform/host.ts";
import type { CommandResult } from "../platform/run-command.ts";
import { openDatabase } from "../platform/sqlite.ts";
import { createDirectory, readDirectoryHead, writeDirectory } from "./directory-database.ts";
import { nextChain, syncDirectory } from "./sync-directory.ts";

const context = { requireGoOn: () => undefined, logLine: () => undefined };

describe("syncing the directory", () => {
  let path: string;
  let commands: string[];
  let kickExitCode: number;
  const host: Pick<Host, "run"> = {
    async run(argv) {
      commands.push(argv.join(" "));
      return { exitCode: kickExitCode, stdout: "", stderr: "" } as CommandResult;
    },
  };
  beforeEach(async () => {
    path = join(mkdtempSync(join(tmpdir(), "directory-")), "directory.sqlite");
    commands = [];
    kickExitCode = 0;
    await createDirectory(path);
  });
  afterEach(() => rmSync(join(path, ".."), { recursive: true, force: true }));

  it("fetches page by page and holds exactly the entries that live", async () => {
    const log = [domain(1), ...Array.from({ length: 5 }, (_, index) => mailbox(index + 2)), removal(7, 3)];
    const gateway = serve(log, 2);
    const result = await sync(gateway, { epoch: 1, revision: 7, chain: chainOf(log) });
    expect(result.changesApplied).toBe(7);
    expect(gateway.pages).toBe(4);
    expect(await addresses()).toEqual([
      "user2@alpha.example",
      "user4@alpha.example",
      "user5@alpha.example",
      "user6@alpha.example",
    ]);
  });

  it("fetches only what follows what it has, and nothing when it has all", async () => {
    const log = [domain(1), mailbox(2), mailbox(3)];
    await sync(serve(log.slice(0, 2), 10), { epoch: 1, revision: 2, chain: chainOf(log.slice(0, 2)) });
    const target = { epoch: 1, revision: 3, chain: chainOf(log) };
    expect((await sync(serve(log, 10), target)).changesApplied).toBe(1);
    expect((await sync(serve(log, 10), target)).changesApplied).toBe(0);
  });

  it("starts anew with a new epoch", async () => {
    const old = [domain(1), mailbox(2), mailbox(3)];
    await sync(serve(old, 10), { epoch: 1, revision: 3, chain: chainOf(old) });
    const fresh = [domain(1), mailbox(2)];
    await sync(serve(fresh, 10, 2), { epoch: 2, revision: 2, chain: chainOf(fresh) });
    expect(await addresses()).toEqual(["user2@alpha.example"]);
    expect(await readDirectoryHead(path)).toEqual({ epoch: 2, revision: 2, chain: chainOf(fresh) });
  });

  it("ends the sessions of mailboxes that are deleted, disabled, or have another password or owner", async () => {
    const start = [domain(1), ...Array.from({ length: 6 }, (_, index) => mailbox(index + 2))];
    await sync(serve(start, 10), { epoch: 1, revision: 7, chain: chainOf(start) });
    expect(commands).toEqual([]);
    const log = [
      ...start,
      removal(8, 2),
      changed(9, 3, { isEnabled: false }),
      changed(10, 4, { passwordHash: "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$b3RoZXI" }),
      changed(11, 5, { mailboxId: "0193a5b0-7c1e-7000-8000-000000000002" }),
      changed(12, 6, { quotaBytes: 1000 }),
    ];
    await sync(serve(log, 10), { epoch: 1, revision: 12, chain: chainOf(log) });
    expect(commands).toEqual([2, 3, 4, 5].map((of) => `doveadm kick user${of}@alpha.example`));
    commands = [];
    const anew = [domain(1), changed(2, 6, { quotaBytes: 1000 })];
    await sync(serve(anew, 10, 2), { epoch: 2, revision: 2, chain: chainOf(anew) });
    expect(commands.toSorted()).toEqual([4, 5, 7].map((of) => `doveadm kick user${of}@alpha.example`));
  });

  it("ends the sessions of a deleted mailbox although the agent was killed between the commit and the kick", async () => {
    const log = [domain(1), mailbox(2), mailbox(3), removal(4, 2)];
    await sync(serve(log, 10), { epoch: 1, revision: 3, chain: chainOf(log.slice(0, 3)) });
    const target = { epoch: 1, revision: 4, chain: chainOf(log) };
    await writeDirectory(path, { isNewEpoch: false, changes: log.slice(3), head: target });
    expect((await sync(serve(log, 10), target)).changesApplied).toBe(0);
    expect(commands).toEqual(["doveadm kick user2@alpha.example"]);
    await sync(serve(log, 10), target);
    expect(commands).toHaveLength(1);
  });

  it("tries again to end sessions until it has succeeded, and takes that nobody is signed in for success", async () => {
    const log = [domain(1), mailbox(2), mailbox(3), removal(4, 2)];
    await sync(serve(log, 10), { epoch: 1, revision: 3, chain: chainOf(log.slice(0, 3)) });
    const target = { epoch: 1, revision: 4, chain: chainOf(log) };
    kickExitCode = 75;
    await sync(serve(log, 10), target);
    kickExitCode = 68;
    for (let round = 0; round < 2; round += 1) await sync(serve(log, 10), target);
    expect(commands).toEqual(Array(2).fill("doveadm kick user2@alpha.example"));
  });

  it("notes sessions to end also in a directory that an older agent made", async () => {
    const log = [domain(1), mailbox(2), removal(3, 2)];
    await sync(serve(log, 10), { epoch: 1, revision: 2, chain: chainOf(log.slice(0, 2)) });
    const database = await openDatabase(path);
    database.exec("DROP TABLE pending_sign_outs");
    database.close();
    await sync(serve(log, 10), { epoch: 1, revision: 3, chain: chainOf(log) });
    expect(commands).toEqual(["doveadm kick user2@alpha.example"]);
  });

  it("never goes back to an older position, although the order is signed", async () => {
    const log = [domain(1), mailbox(2), mailbox(3)];
    await sync(serve(log, 10, 2), { epoch: 2, revision: 3, chain: chainOf(log) });
    for (const older of [
      { epoch: 2, revision: 2, chain: chainOf(log.slice(0, 2)) },
      { epoch: 1, revision: 3, chain: chainOf(log) },
    ])
      await expect(sync(serve(log, 10, older.epoch), older)).rejects.toThrow("are at 2.3 and do not go back");
    expect(await addresses()).toEqual(["user2@alpha.example", "user3@alpha.example"]);
  });

  it.each([
    ["altered", (log: DirectoryChange[]) => log.with(1, { ...mailbox(2), key: "evil@alpha.example" })],
    ["missing", (log: DirectoryChange[]) => log.toSpliced(1, 1)],
    ["swapped", (log: DirectoryChange[]) => [log[1], log[0], log[2]] as DirectoryChange[]],
    ["cut short", (log: DirectoryChange[]) => log.slice(0, 2)],
  ])("writes nothing when a change was %s on its way", async (_what, falsify) => {
    const log = [domain(1), mailbox(2), mailbox(3)];
    const target = { epoch: 1, revision: 3, chain: chainOf(log) };
    await expect(sync(serve(falsify(log), 10), target)).rejects.toThrow(
      "are not the ones that the control plane signed",
    );
    expect(await addresses()).toEqual([]);
    expect((await readDirectoryHead(path)).revision).toBe(0);
  });

  async function sync(requests: GatewayRequests, target: { epoch: number; revision: number; chain: string }) {
    return await syncDirectory({ path, host, requests }, context, target);
  }

  async function addresses(): Promise<unknown[]> {
    const database = await openDatabase(path, { isReadOnly: true });
    const rows = database.prepare("SELECT address FROM mailboxes ORDER BY address").all();
    database.close();
    return rows.map((row) => row["address"]);
  }
});

function serve(
  log: readonly DirectoryChange[],
  pageSize: number,
  epoch = 1,
): GatewayRequests & { pages: number } {
  return {
    pages: 0,
    targetState: async () => null,
    async directoryPage({ afterRevision, upToRevision }) {
      this.pages += 1;
      const changes = log.slice(afterRevision, Math.min(upToRevision, afterRevision + pageSize));
      const hasMore = afterRevision + changes.length < upToRevision && changes.length > 0;
      return { type: "directory-changes", requestId: "1", epoch, changes, hasMore };
    },
  };
}

function chainOf(log: readonly DirectoryChange[]): string {
  return log.reduce(nextChain, "");
}

function domain(revision: number): DirectoryChange {
  return {
    revision,
    op: "upsert",
    entryKind: "domain",
    key: "alpha.example",
    entry: { kind: "domain", name: "alpha.example" as never },
  };
}

function mailbox(revision: number): DirectoryChange {
  const address = `user${revision}@alpha.example`;
  return {
    revision,
    op: "upsert",
    entryKind: "mailbox",
    key: address,
    entry: {
      kind: "mailbox",
      mailboxId: "0193a5b0-7c1e-7000-8000-000000000001",
      address: address as never,
      passwordHash: "{ARGON2ID}$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
      quotaBytes: 0,
      isEnabled: true,
    },
  };
}

function changed(revision: number, of: number, changes: object): DirectoryChange {
  const { key, entry } = mailbox(of);
  return { revision, op: "upsert", entryKind: "mailbox", key, entry: { ...entry, ...changes } as never };
}

function removal(revision: number, of: number): DirectoryChange {
  return { revision, op: "delete", entryKind: "mailbox", key: `user${of}@alpha.example` };
}
