import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { StepOf } from "@mailstead/core/converge";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Undo } from "../journal/record.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { makeCertificate } from "./make-certificate.ts";
import { runPlan } from "./run-plan.ts";
import { takeBack } from "./take-back.ts";

const jobId = "0198a5e0-0000-7000-8000-000000000001";
const folder = `/var/lib/mailstead/backups/${jobId}/apply-files_postfix`;
const mainCf = "/etc/postfix/main.cf";
const masterCf = "/etc/postfix/master.cf";
const { sealingKeys } = makeIdentity().identity;
const stack = renderTarget({ suite: "bookworm", sealingKeys, target: makeTarget().target });
const job = { signal: new AbortController().signal, logLine: () => undefined };

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "take-back-")));
  host.write(mainCf, "as it was\n");
});
afterEach(() => rmSync(host.root, { recursive: true, force: true }));

/** Writes both files of Postfix and stops when the journal is told how that is taken back. */
async function begin(): Promise<Extract<Undo, { kind: "restore-files" }>> {
  const file = (path: string) => ({
    path,
    owner: "root",
    group: "root",
    mode: 0o644,
    content: "new\n",
    service: "postfix" as const,
    isSecret: false,
  });
  const step: StepOf<"apply-files"> = {
    kind: "apply-files",
    id: "apply-files:postfix",
    title: "Configure Postfix",
    weight: 2,
    service: "postfix",
    writes: [file(mainCf), file(masterCf)],
    removes: [],
    activation: "reload",
  };
  let undo: Undo | undefined;
  const stopped = new Error("stopped");
  const context = {
    ...job,
    order: { jobId },
    report: () => undefined,
    requireGoOn: () => undefined,
    beginStep(_stepId: string, journaled: Undo) {
      undo = journaled;
      throw stopped;
    },
    endStep: () => undefined,
  };
  const plan = { steps: [step], keptDrift: [] };
  await runPlan(plan, { host, stack, job: context as never }).catch(() => undefined);
  if (undo?.kind !== "restore-files") throw new Error("nothing was journaled");
  return undo;
}

it("copies and all folders above them are on disk before the journal speaks of them", async () => {
  host.synced.length = 0;
  await begin();
  const copy = host.synced.indexOf(`${folder}/0`);
  expect(copy).toBeGreaterThanOrEqual(0);
  expect(host.synced.indexOf(folder)).toBeGreaterThan(copy);
  for (let above = dirname(folder); above !== "/var/lib"; above = dirname(above))
    expect(host.synced).toContain(above);
});

it("a file that is put back is on disk before it takes the new one's place, and its folder after", async () => {
  const undo = await begin();
  host.write(mainCf, "half swapped\n");
  host.synced.length = 0;
  expect(await takeBack(host, undo, job)).toBeNull();
  expect(host.read(mainCf)).toBe("as it was\n");
  expect(host.synced).toEqual([expect.stringMatching(/^\/etc\/postfix\/\.main\.cf\./), "/etc/postfix"]);
});

it.each([
  ["damaged", () => host.write(`${folder}/0`, "as it w")],
  ["gone", () => rmSync(host.path(`${folder}/0`))],
])("a copy that is %s is not put back, and the sentence names it", async (how, harm) => {
  const undo = await begin();
  host.write(mainCf, "half swapped\n");
  host.write(masterCf, "new\n");
  harm();
  expect(await takeBack(host, undo, job)).toBe(
    `${mainCf} was not put back, because its copy ${folder}/0 is ${how}`,
  );
  expect(host.read(mainCf)).toBe("half swapped\n");
  expect(host.read(masterCf)).toBeNull();
});

it("taking back can be repeated, also after the copy itself was moved into its place", async () => {
  const undo = await begin();
  rmSync(host.path(`${folder}/0`));
  for (let round = 0; round < 2; round += 1) expect(await takeBack(host, undo, job)).toBeNull();
  expect(host.read(mainCf)).toBe("as it was\n");
});

it("a main.cf that is put back looks old to Postfix, so that no program waits for it to cool down", async () => {
  const undo = await begin();
  host.write(mainCf, "half swapped\n");
  expect(await takeBack(host, undo, job)).toBeNull();
  const { mtimeMs, ctimeMs } = statSync(host.path(mainCf));
  expect(ctimeMs - mtimeMs).toBeGreaterThan(2_000);
});

it("a copy that an older agent made without a digest is put back", async () => {
  const undo = await begin();
  host.write(mainCf, "half swapped\n");
  for (const file of undo.files) delete file.backupDigest;
  expect(await takeBack(host, undo, job)).toBeNull();
  expect(host.read(mainCf)).toBe("as it was\n");
});

it("a certificate and its key are on disk before they get their names", async () => {
  const [keyPath, certificatePath] = ["/etc/mailstead/tls/key.pem", "/etc/mailstead/tls/certificate.pem"];
  host.synced.length = 0;
  const step = {
    kind: "make-certificate",
    id: "m",
    title: "",
    weight: 1,
    hostname: "mail.alpha.example",
  } as const;
  await makeCertificate.apply({ ...step, keyPath, certificatePath }, { host } as never);
  expect(host.synced.map((path) => path.replace(/\.mailstead-.*/, ""))).toEqual([
    "/etc/mailstead/tls/.key.pem",
    "/etc/mailstead/tls/.certificate.pem",
    "/etc/mailstead/tls",
    "/etc/mailstead/tls",
  ]);
});
