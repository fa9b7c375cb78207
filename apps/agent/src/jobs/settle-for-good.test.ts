import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { forbidServiceStarts } from "../apply/package-work.ts";
import { openJournal } from "../journal/journal.ts";
import type { Undo } from "../journal/record.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { testServerId } from "../testing/test-identity.ts";
import { settleForGood } from "./settle-for-good.ts";

const jobId = "0198a5e0-0000-7000-8000-000000000001";
const mainCf = "/etc/postfix/main.cf";

let host: FakeHost;
let told: string[];
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "settle-")));
  told = [];
});
afterEach(() => rmSync(host.root, { recursive: true, force: true }));

/** A journal as an agent leaves it that is stopped in a step. */
function stopIn(undo: Undo): void {
  const journal = openJournal(host.path("/var/lib/mailstead/journal"), { nowUnixMs: host.nowUnixMs });
  const order = JSON.stringify({
    formatVersion: 1,
    jobId,
    serverId: testServerId,
    sequence: 1,
    verb: "converge",
    args: {},
    issuedAtUnixMs: 0,
    expiresAtUnixMs: 1,
  });
  journal.append({ kind: "accepted", jobId, sequence: 1, expiresAtUnixMs: 1, order }, true);
  journal.append({ kind: "running", jobId, atUnixMs: 0 }, true);
  journal.append({ kind: "step-begun", jobId, stepId: "step", undo }, true);
  journal.close();
}

const settle = () => settleForGood(host, (line) => told.push(line));

it("files that were half swapped are put back", async () => {
  host.write("/var/lib/mailstead/backups/0", "as it was\n");
  host.write(mainCf, "half swapped\n");
  host.write("/etc/postfix/master.cf", "new\n");
  stopIn({
    kind: "restore-files",
    service: "postfix",
    units: [],
    files: [
      { path: mainCf, backupPath: "/var/lib/mailstead/backups/0", appliedDigest: null },
      { path: "/etc/postfix/master.cf", backupPath: null, appliedDigest: null },
    ],
  });
  await settle();
  expect(host.read(mainCf)).toBe("as it was\n");
  expect(host.read("/etc/postfix/master.cf")).toBeNull();
  expect(told).toEqual(["took back what was half done by converge"]);
});

it("packages may start their services again, although they were being installed", async () => {
  await forbidServiceStarts(host);
  stopIn({ kind: "package-work", unit: `mailstead-packages-${jobId}.service` });
  await settle();
  expect(existsSync(host.path("/usr/sbin/policy-rc.d"))).toBe(false);
});

it("packages may start their services again, although the journal was lost", async () => {
  await forbidServiceStarts(host);
  await settle();
  expect(existsSync(host.path("/usr/sbin/policy-rc.d"))).toBe(false);
  expect(told).toEqual([]);
});
