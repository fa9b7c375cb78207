import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { removeFile } from "../platform/files.ts";
import { agentPaths } from "../platform/paths.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { openJobDesk } from "../testing/job-desk.ts";

const order = { version: "1.2.0", manifestDigest: "ab".repeat(32) };
const file = (name: string) => `${agentPaths.updater}/${name}`;
const jobId = "0198a5e0-0000-7000-8000-000000000001";

test("an order is handed to the updater, and its answer ends the job", async () => {
  const { host, desk } = openHost();
  const job = desk.run("update-agent", order);
  await vi.waitFor(() =>
    expect(host.read(file("request"))).toBe(`version 1.2.0\ndigest ${order.manifestDigest}\njob ${jobId}\n`),
  );
  host.write(file("pending"), `job ${jobId}\n`);
  await removeFile(host.path(file("request")));
  await answer(host, "outcome succeeded\nsentence Agent 1.2.0 is installed.\n");
  const { outcome, said } = await job;
  expect(outcome).toMatchObject({ kind: "succeeded", result: { version: "1.2.0" } });
  expect(said).toContain("Agent 1.2.0 is installed.");
});

test("a version that was taken back fails the job in the updater's words", async () => {
  const { host, desk } = openHost();
  // As after the restart: the order stands before the updater, and this agent finds it so.
  host.write(file("pending"), `job ${jobId}\n`);
  const job = desk.run("update-agent", order);
  await answer(host, "outcome failed\nretry permanent\nsentence Agent 1.2.0 was taken back.\n");
  expect((await job).outcome).toEqual({
    kind: "failed",
    problem: "Agent 1.2.0 was taken back.",
    retry: "permanent",
  });
  expect(host.read(file("request"))).toBeNull();
});

test("an answer that came while the agent was away is not asked for again", async () => {
  const { host, desk } = openHost();
  host.write(file("result"), `job ${jobId}\noutcome succeeded\nsentence Agent 1.2.0 is installed.\n`);
  expect((await desk.run("update-agent", order)).outcome.kind).toBe("succeeded");
  expect(host.read(file("request"))).toBeNull();
});

test("a host without an updater says what to do", async () => {
  const { host, desk } = openHost();
  await removeFile(host.path(agentPaths.updaterProgram));
  expect((await desk.run("update-agent", order)).outcome).toMatchObject({
    kind: "failed",
    problem: expect.stringMatching(/has no updater yet. Run the install command/),
  });
});

/** The updater answers, and then lets go of the order. */
async function answer(host: FakeHost, text: string): Promise<void> {
  host.write(file("result"), `job ${jobId}\n${text}`);
  await removeFile(host.path(file("pending")));
}

function openHost() {
  const folder = mkdtempSync(join(tmpdir(), "agent-update-"));
  const host = openFakeHost(folder);
  host.write(agentPaths.updaterProgram, "");
  const desk = openJobDesk(host);
  onTestFinished(() => {
    desk.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { host, desk };
}
