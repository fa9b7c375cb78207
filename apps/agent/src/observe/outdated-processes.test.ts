import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { readOutdatedUnits } from "./outdated-processes.ts";

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "outdated-")));
  link("self", "pid:[4026531836]");
});
afterEach(() => rmSync(host.root, { recursive: true }));

function link(processId: string, namespace: string): void {
  mkdirSync(host.path(`/proc/${processId}/ns`), { recursive: true });
  symlinkSync(namespace, host.path(`/proc/${processId}/ns/pid`));
}
function addProcess(
  id: number,
  { group, maps, namespace = "pid:[4026531836]" }: { group: string; maps: string; namespace?: string },
): void {
  link(String(id), namespace);
  host.write(`/proc/${id}/cgroup`, group);
  host.write(`/proc/${id}/maps`, maps);
}
const mapped = (path: string, permissions = "r-xp") =>
  `7f0c4a600000-7f0c4a628000 ${permissions} 00028000 08:01 131                       ${path}\n`;
const libssl = "/usr/lib/x86_64-linux-gnu/libssl.so.3";

it("a unit is outdated whose process runs a library that was replaced, and each is named once", async () => {
  for (const id of [20, 21])
    addProcess(id, {
      group: "0::/system.slice/dovecot.service\n",
      maps: mapped(`${libssl} (deleted)`) + mapped(`${libssl} (deleted)`) + mapped("/usr/lib/libz.so.1"),
    });
  addProcess(30, {
    group: "0::/system.slice/system-postfix.slice/postfix@-.service\n",
    maps: mapped("/usr/lib/postfix/sbin/master.dpkg-tmp (deleted)"),
  });
  addProcess(40, { group: "0::/system.slice/rspamd.service\n", maps: mapped(libssl) });
  expect(await readOutdatedUnits(host)).toEqual([
    { unit: "dovecot.service", libraries: [libssl] },
    { unit: "postfix@-.service", libraries: ["/usr/lib/postfix/sbin/master"] },
  ]);
});

it("what is only read, was never a file, or lies where programs keep their own data makes nothing outdated", async () => {
  const group = "0::/system.slice/redis-server.service\n";
  addProcess(20, {
    group,
    maps:
      mapped("/usr/lib/locale/locale-archive (deleted)", "r--p") +
      mapped("/memfd:jit (deleted)") +
      mapped("/var/lib/rspamd/compiled.hsmp (deleted)") +
      mapped("/dev/zero (deleted)", "rwxs"),
  });
  expect(await readOutdatedUnits(host)).toEqual([]);
});

it("processes of a container and those that end meanwhile are passed over", async () => {
  const maps = mapped(`${libssl} (deleted)`);
  addProcess(20, { group: "0::/system.slice/docker-1a.scope\n", maps, namespace: "pid:[4026532001]" });
  link("21", "pid:[4026531836]");
  expect(await readOutdatedUnits(host)).toEqual([]);
});

it("the unit is found in both kinds of control groups, and is the outer one", async () => {
  const maps = mapped(`${libssl} (deleted)`);
  addProcess(1, { group: "0::/init.scope\n", maps });
  addProcess(20, { group: "3:cpu:/\n1:name=systemd:/system.slice/nginx.service\n0::/\n", maps });
  addProcess(21, { group: "0::/user.slice/user-0.slice/user@0.service/app.slice/gpg-agent.service\n", maps });
  addProcess(22, { group: "0::/user.slice/user-0.slice/session-3.scope\n", maps });
  expect((await readOutdatedUnits(host)).map(({ unit }) => unit)).toEqual([
    "init.scope",
    "nginx.service",
    "session-3.scope",
    "user@0.service",
  ]);
});
