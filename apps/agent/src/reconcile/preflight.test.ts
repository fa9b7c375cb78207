import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { renderTarget } from "./plan-target.ts";
import { requireRoomForMail } from "./preflight.ts";

const { sealingKeys } = makeIdentity().identity;
const stack = renderTarget({ suite: "bookworm", sealingKeys, target: makeTarget().target });
const header = "  sl  local_address rem_address   st\n";

describe("the look before an installation", () => {
  let host: FakeHost;
  beforeEach(() => {
    host = openFakeHost(mkdtempSync(join(tmpdir(), "preflight-")));
  });
  afterEach(() => rmSync(host.root, { recursive: true }));

  it("passes a clean host", async () => {
    await expect(requireRoomForMail(host, stack)).resolves.toBeUndefined();
  });

  it("refuses another mail server by its name and version", async () => {
    const state = host.state();
    state.packages["exim4-daemon-light"] = "4.96-15";
    host.write("/fake-state.json", JSON.stringify(state));
    await expect(requireRoomForMail(host, stack)).rejects.toThrow(
      "exim4-daemon-light 4.96-15, is installed on this host",
    );
  });

  it("refuses a port that is taken, on IPv4 or IPv6, but not by our own Postfix", async () => {
    host.write("/proc/net/tcp6", `${header}   0: 00000000000000000000000000000000:0019 0:0 0A 0\n`);
    await expect(requireRoomForMail(host, stack)).rejects.toThrow("Another program listens on port 25");
    const state = host.state();
    state.packages["postfix"] = "3.7.11-0+deb12u1";
    host.write("/fake-state.json", JSON.stringify(state));
    await expect(requireRoomForMail(host, stack)).resolves.toBeUndefined();
  });
});
