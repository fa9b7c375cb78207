import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { claimHost } from "./only-one.ts";

describe("one agent on a host", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "only-")));
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  it("refuses a second one while the first runs", async () => {
    await claimHost(host, 41);
    host.write("/proc/41/cmdline", "/usr/lib/mailstead/mailstead-agent\0run\0");
    await expect(claimHost(host, 42)).rejects.toThrow("The agent is running already, as process 41");
  });

  it("takes over from one that is gone, also when another program has its number now", async () => {
    await claimHost(host, 41);
    await claimHost(host, 42);
    host.write("/proc/42/cmdline", "/usr/sbin/sshd\0-D\0");
    await claimHost(host, 43);
    expect(host.read("/run/mailstead/agent.pid")).toBe("43\n");
  });
});
