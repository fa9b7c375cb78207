import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, must, run } from "../lab/command.ts";
import { missingForArm64 } from "../lab/prerequisites.ts";

const repository = resolve(import.meta.dirname, "../..");
const missing = await missingForArm64();
const reason = missing.length > 0 ? ` (skipped: ${missing.join("; ")})` : "";

describe.skipIf(missing.length > 0)(`the agent for arm64, on an emulated processor${reason}`, () => {
  let folder: string;
  let executable: string;
  let version: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mailstead-arm64-"));
    await must([process.execPath, join(repository, "infra/release/build-agent.ts"), "--out", folder]);
    const statement = await readFile(join(folder, "linux-arm64.release"), "utf8");
    version = /^version (.+)$/m.exec(statement)?.[1] ?? "";
    executable = join(folder, version, "mailstead-agent-linux-arm64");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const agent = (...args: string[]): Promise<CommandResult> =>
    run(["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu", executable, ...args], { timeoutMs: 60_000 });

  it("starts and knows the version that was signed", async () => {
    expect((await agent("version")).stdout.trim()).toBe(version);
  });

  it("answers on a host that is not enrolled as it does on any other", async () => {
    expect((await agent("status")).stderr).toContain("This host is not enrolled");
  });

  it("reads a token that was cut when it was copied, and says so", async () => {
    const { code, stderr } = await agent("enrol", "--token", "mst1_cut", "--url", "http://127.0.0.1:9");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/token/i);
  });
});
