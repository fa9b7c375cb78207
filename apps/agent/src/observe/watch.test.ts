import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObservedReport } from "@mailstead/core/servers";
import type { AgentFrame } from "@mailstead/core/wire";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { digestOf, recordAppliedDigests } from "../apply/applied-digests.ts";
import { createDirectory, writeDirectory } from "../directory/directory-database.ts";
import { rememberApplied } from "../reconcile/target-documents.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { openAptPlan } from "./inventory/apt-plan.ts";
import { openWatch, type Watch } from "./watch.ts";

const directoryPath = "/var/lib/mailstead-directory/directory.sqlite";
const keyPath = "/var/lib/mailstead-dkim/alpha.example.ms202611b.key";

let host: FakeHost;
let watch: Watch;
let reports: ObservedReport[];
let looks: number;
/** How many looks were over at each call that told of an edit by hand. */
let drifts: number[];
let isChanging: boolean;
beforeEach(async () => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "watch-")));
  await rememberApplied(host, makeTarget().target);
  host.write(directoryPath, "");
  await createDirectory(host.path(directoryPath));
  reports = [];
  looks = 0;
  drifts = [];
  isChanging = false;
  const { identity } = makeIdentity();
  watch = openWatch({
    host,
    kind: { suite: "bookworm", osName: "Debian", architecture: "x64", machineId: identity.machineId },
    identity,
    bootId: "boot-1",
    aptPlan: openAptPlan(host),
    send(frame: AgentFrame) {
      if (frame.type === "observed") reports.push(frame.report);
      return true;
    },
    onLooked: () => {
      looks += 1;
    },
    isChanging: () => isChanging,
    clockOffsetMs: () => 0,
    onDrift: async () => {
      drifts.push(looks);
    },
  });
});
afterEach(() => {
  watch.close();
  rmSync(host.root, { recursive: true });
});

/** Has it look, and gives what it told by that. */
async function look(how: "tellAll" | "lookSoon"): Promise<ObservedReport[]> {
  const [before, told] = [looks, reports.length];
  watch[how]();
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before));
  return reports.slice(told);
}

const moveDirectory = (revision: number) =>
  writeDirectory(host.path(directoryPath), {
    isNewEpoch: false,
    changes: [],
    head: { epoch: 1, revision, chain: "" },
  });

it("tells how far the mail directory has come after each sync, and once only", async () => {
  await look("tellAll");
  await moveDirectory(7);
  expect(await look("lookSoon")).toMatchObject([{ directory: { epoch: 1, revision: 7 } }]);
  expect(await look("lookSoon")).toEqual([]);
});

it("tells a new connection where the directory is now, not where it was when it last looked", async () => {
  await look("tellAll");
  await moveDirectory(8);
  // A look that began before may have seen it too.
  expect((await look("tellAll")).at(-1)).toMatchObject({ directory: { epoch: 1, revision: 8 } });
});

it("tells the public half of a key that was made or replaced since", async () => {
  await look("tellAll");
  for (const letter of ["a", "b"]) {
    host.write(keyPath, Buffer.from(letter.repeat(64)).toString("base64"));
    const publicKey = Buffer.from(letter.repeat(32)).toString("base64");
    expect(await look("lookSoon")).toMatchObject([{ dkimPublicKeys: [{ publicKey }] }]);
  }
});

const mainCf = "/etc/postfix/main.cf";

/** As a converge does between its write and its record of it. */
async function swapMainCf(): Promise<void> {
  await recordAppliedDigests(host, { [mainCf]: "0".repeat(64) });
  host.write(mainCf, "new\n");
}

it("does not take what a running change writes for an edit by hand, and tells a new connection afterwards", async () => {
  await look("tellAll");
  isChanging = true;
  await swapMainCf();
  expect(await look("tellAll")).toEqual([]);
  await recordAppliedDigests(host, { [mainCf]: digestOf("new\n") });
  isChanging = false;
  expect(await look("lookSoon")).toMatchObject([{ drift: [] }]);
  expect(drifts).toEqual([]);
});

it("does not believe a look in the middle of which a change began", async () => {
  await look("tellAll");
  const { path } = host;
  host.path = (hostPath) => {
    isChanging ||= hostPath === mainCf;
    return path(hostPath);
  };
  await swapMainCf();
  expect(await look("lookSoon")).toEqual([]);
  expect([isChanging, drifts]).toEqual([true, []]);
});

it("tells of an edit by hand when no change runs", async () => {
  await look("tellAll");
  await swapMainCf();
  expect(await look("lookSoon")).toMatchObject([{ drift: [{ path: mainCf, kind: "changed" }] }]);
  // What is found out beside a look, as whether port 25 is open, brings looks of its own: each tells of it once.
  expect(drifts.length).toBeGreaterThan(0);
  expect(drifts).toEqual([...new Set(drifts)]);
});
