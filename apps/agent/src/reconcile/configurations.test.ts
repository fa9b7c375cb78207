import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobCatalog } from "@mailstead/core/jobs";
import {
  defaultStackSettings,
  defaultWebSettings,
  noOverrides,
  type TargetState,
} from "@mailstead/core/servers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, readAppliedDigests, recordAppliedDigests } from "../apply/applied-digests.ts";
import { findDrift, findPending } from "../observe/drift.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget, quietJob, testServerId } from "../testing/test-identity.ts";
import { applyConfiguration } from "./apply-configuration.ts";
import { converge } from "./converge.ts";
import { renderTarget } from "./plan-target.ts";
import { restoreConfiguration } from "./restore-configuration.ts";
import { readAppliedRevision } from "./target-documents.ts";

const { identity } = makeIdentity();
const suite = "bookworm" as const;
const mainCf = "/etc/postfix/main.cf";
const formerId = "0198a5e0-0000-7000-8000-00000000000a";
const ipv4Only = { stack: { ...defaultStackSettings, ipFamilies: "ipv4-only" } };

describe("a configuration that a rollout brings", () => {
  let host: FakeHost;
  beforeEach(async () => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "configurations-")));
    await bring({}, "converge");
  });
  afterEach(() => rmSync(host.root, { recursive: true, force: true }));

  type Changes = Partial<Record<keyof TargetState, unknown>>;
  async function bring(changes: Changes, how: "apply" | "converge" = "apply", revertsDrift = false) {
    const { text, args } = makeTarget(changes);
    const requests = {
      targetState: async () => text,
      directoryPage: async () => Promise.reject(new Error("not asked")),
    };
    const input = { host, suite, identity, requests };
    const { job } = quietJob();
    return how === "converge"
      ? await converge(input, job, { ...args, revertsDrift })
      : jobCatalog["apply-configuration"].result.parse(
          await applyConfiguration(input, job, { ...args, formerId, revertsDrift }),
        );
  }
  const back = (id = formerId) =>
    restoreConfiguration({ host, suite, identity, requests: undefined as never }, quietJob().job, {
      formerId: id,
    });
  const stackOf = (changes: Changes = {}) =>
    renderTarget({ suite, sealingKeys: identity.sealingKeys, target: makeTarget(changes).target });
  /** Has the host hold a file as an earlier agent would have written it. */
  async function writtenByEarlierAgent(path: string) {
    const text = `${host.read(path)}# as it was rendered before\n`;
    host.write(path, text);
    await recordAppliedDigests(host, { [path]: digestOf(text) });
    return text;
  }
  const everything = async (changes: Changes = {}) => ({
    files: Object.fromEntries(stackOf(changes).files.map(({ path }) => [path, host.read(path)])),
    digests: await readAppliedDigests(host),
    revision: await readAppliedRevision(host, testServerId),
  });

  it("is what the agent renders by now, and goes back to exactly what stood there, with nothing taken for drift", async () => {
    const before = await writtenByEarlierAgent(mainCf);
    expect(await findPending(host, stackOf())).toEqual([mainCf]);
    const reloads = () => host.state().units["postfix@-.service"]?.reloads ?? 0;
    const reloadsBefore = reloads();
    expect(await bring({})).toMatchObject({ changedPaths: [mainCf], withoutWayBack: [] });
    expect(await findPending(host, stackOf())).toEqual([]);
    expect(host.read(mainCf)).not.toBe(before);
    expect(await back()).toMatchObject({ changedPaths: [mainCf], revision: 1 });
    expect(host.read(mainCf)).toBe(before);
    expect(reloads()).toBe(reloadsBefore + 2);
    expect(await findDrift(host, stackOf())).toEqual([]);
    expect(await findPending(host, stackOf())).toEqual([mainCf]);
  });

  it("goes back from a newer revision to the one before, files that came and files that went alike", async () => {
    const web = { web: { ...defaultWebSettings, isEnabled: true } };
    const before = await everything(web);
    const { changedPaths } = await bring({ revision: 2, ...ipv4Only, ...web });
    expect(changedPaths).toContain(mainCf);
    expect(await readAppliedRevision(host, testServerId)).toBe(2);
    const { revision } = await back();
    expect(revision).toBe(1);
    expect(await everything(web)).toEqual(before);
    // And forward again, by an order of today.
    await bring({ revision: 2, ...ipv4Only, ...web }, "converge");
    expect(await readAppliedRevision(host, testServerId)).toBe(2);
  });

  it("goes back from a try that failed half-way, also after another that failed", async () => {
    const before = await everything();
    const broken = {
      revision: 2,
      ...ipv4Only,
      overrides: { ...noOverrides, dovecot: "# refuses-to-serve\n" },
    };
    await expect(bring(broken)).rejects.toThrow(/dovecot did not serve with its new configuration/);
    await expect(bring(broken)).rejects.toThrow(/dovecot did not serve/);
    await back();
    expect(await everything()).toEqual(before);
  });

  it("goes back to all that stood there where a try that began anew found more to replace", async () => {
    const before = [await writtenByEarlierAgent(mainCf)];
    expect(await bring({})).toMatchObject({ changedPaths: [mainCf] });
    const masterCf = "/etc/postfix/master.cf";
    before.push(await writtenByEarlierAgent(masterCf));
    expect(await bring({})).toMatchObject({ changedPaths: [masterCf] });
    await back();
    expect([host.read(mainCf), host.read(masterCf)]).toEqual(before);
  });

  it("is not taken back from under a newer revision that somebody made since", async () => {
    await bring({ revision: 2, ...ipv4Only });
    await bring({ revision: 3 }, "converge");
    const now = await everything();
    await expect(back()).rejects.toThrow(/come to revision 3 since.* Nothing was changed\.$/);
    expect(await everything()).toEqual(now);
  });

  it("is taken back once, and a second order finds nothing left to do", async () => {
    await bring({ revision: 2, ...ipv4Only });
    await back();
    const now = await everything();
    expect(await back()).toMatchObject({ changedPaths: [], revision: 1 });
    expect(await everything()).toEqual(now);
  });

  it("touches nothing where nothing was kept, or where a copy is not the one that was made", async () => {
    await expect(back()).rejects.toThrow(/keeps no configuration from before that rollout/);
    await bring({ revision: 2, ...ipv4Only });
    const now = await everything();
    const record = JSON.parse(host.read(`/var/lib/mailstead/former/${formerId}/former.json`) ?? "");
    const copy = record.files.find(({ path }: { path: string }) => path === mainCf).backupPath;
    host.write(copy, "something else");
    await expect(back()).rejects.toThrow(
      /The copy of \/etc\/postfix\/main\.cf from before is gone or damaged/,
    );
    expect(await everything()).toEqual(now);
  });

  it("keeps the ways back of the last five rollouts", async () => {
    const ids = Array.from({ length: 6 }, (_, at) => formerId.replace(/.$/, String(at)));
    const { text, args } = makeTarget();
    const requests = {
      targetState: async () => text,
      directoryPage: async () => Promise.reject(new Error()),
    };
    for (const id of ids)
      await applyConfiguration({ host, suite, identity, requests }, quietJob().job, {
        ...args,
        formerId: id,
      });
    await expect(back(ids[0])).rejects.toThrow(/others came since/);
    expect(await back(ids[5])).toMatchObject({ changedPaths: [] });
  });

  it("tells what the former files alone do not take back", async () => {
    const web = { web: { ...defaultWebSettings, isEnabled: true } };
    await bring({ revision: 2, ...web }, "converge");
    const brought = await bring({ revision: 3, web: { ...defaultWebSettings, isEnabled: false } });
    expect(brought).toMatchObject({ withoutWayBack: ["Switch off nginx"] });
  });

  it("puts an edit by hand back only when it is told to, and then it comes back as what it was: drift", async () => {
    const edited = `${host.read(mainCf)}by_hand = yes\n`;
    host.write(mainCf, edited);
    expect(await bring({})).toMatchObject({ changedPaths: [] });
    expect(await findPending(host, stackOf())).toEqual([]);
    expect(await bring({}, "apply", true)).toMatchObject({ changedPaths: [mainCf] });
    await back();
    expect(host.read(mainCf)).toBe(edited);
    expect(await findDrift(host, stackOf())).toMatchObject([{ path: mainCf, kind: "changed" }]);
  });
});
