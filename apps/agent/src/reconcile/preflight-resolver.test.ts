import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackPaths } from "@mailstead/core/mail-flow";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordAppliedDigests } from "../apply/applied-digests.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { makeIdentity, makeTarget } from "../testing/test-identity.ts";
import { planTarget } from "./plan-target.ts";
import { requireRoomForResolver } from "./preflight-resolver.ts";

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "preflight-")));
});
afterEach(() => rmSync(host.root, { recursive: true }));

async function look(): Promise<void> {
  const { sealingKeys } = makeIdentity().identity;
  const { target } = makeTarget();
  const planned = await planTarget({ host, suite: "trixie", sealingKeys, target, revertsDrift: false });
  await requireRoomForResolver(host, planned);
}

/** A line of /proc/net as the kernel writes it. */
function bind(table: "udp" | "udp6" | "tcp" | "tcp6", hexAddress: string, inode = "4711"): void {
  const state = table.startsWith("tcp") ? "0A" : "07";
  const before = host.read(`/proc/net/${table}`) ?? "  sl  local_address rem_address   st ...\n";
  host.write(
    `/proc/net/${table}`,
    `${before}   0: ${hexAddress}:0035 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0 0\n`,
  );
}
const everyIpv6 = "0".repeat(32);

it("names the program that holds port 53 on every address, and says what to do", async () => {
  bind("udp", "00000000");
  host.write("/proc/812/comm", "dnsmasq\n");
  mkdirSync(host.path("/proc/812/fd"), { recursive: true });
  symlinkSync("socket:[4711]", host.path("/proc/812/fd/4"));
  await expect(look()).rejects.toThrow(
    "dnsmasq holds port 53 on every address of this host, so the mail server's own DNS resolver cannot start on 127.0.0.55",
  );
  await expect(look()).rejects.toThrow("bind-interfaces");
});

it.each([
  ["at the resolver's own address", () => bind("tcp", "3700007F"), "on 127.0.0.55"],
  ["on every address of both families by one socket", () => bind("tcp6", everyIpv6), "on every address"],
])("refuses a program that holds it %s", async (_where, hold, words) => {
  hold();
  await expect(look()).rejects.toThrow(`Another program holds port 53 ${words} of this host`);
});

it.each([
  ["nobody", () => undefined],
  [
    "systemd-resolved",
    () => {
      bind("udp", "3500007F");
      bind("tcp", "3600007F");
    },
  ],
  [
    "BIND, and on every IPv6 address beside",
    () => {
      bind("udp", "0100007F");
      bind("udp6", everyIpv6);
    },
  ],
])("passes a host where %s answers", async (_who, hold) => {
  hold();
  await expect(look()).resolves.toBeUndefined();
});

it("does not stumble over the mail server's own resolver, also when the memory of it was lost", async () => {
  bind("udp", "3700007F");
  const state = host.state();
  state.units["mailstead-resolver.service"] = { isActive: true, isEnabled: true, starts: 1, reloads: 0 };
  host.write("/fake-state.json", JSON.stringify(state));
  await expect(look()).resolves.toBeUndefined();
  host.write("/fake-state.json", JSON.stringify({ ...state, units: {} }));
  await recordAppliedDigests(host, { [stackPaths.resolverConf]: "0".repeat(64) });
  await expect(look()).resolves.toBeUndefined();
});
