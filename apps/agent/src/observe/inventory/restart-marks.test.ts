import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeReboot } from "@mailstead/core/updates";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../../testing/fake-host.ts";
import { readRestartMarks } from "./restart-marks.ts";

let host: FakeHost;
const isRebootRequired = async (on: FakeHost) => judgeReboot(await readRestartMarks(on)).length > 0;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "reboot-")));
  host.write("/proc/sys/kernel/osrelease", "6.1.0-9-amd64\n");
  host.write("/boot/vmlinuz-6.1.0-9-amd64", "");
});
afterEach(() => rmSync(host.root, { recursive: true }));

it("a host is to be restarted where a package asks for it or a newer kernel lies there than runs", async () => {
  host.write("/boot/vmlinuz-6.1.0-8-amd64", "");
  expect(await isRebootRequired(host)).toBe(false);
  host.write("/boot/vmlinuz-6.1.0-38-amd64", "");
  expect(await isRebootRequired(host)).toBe(true);
  rmSync(host.path("/boot/vmlinuz-6.1.0-38-amd64"));
  host.write("/run/reboot-required", "");
  expect(await isRebootRequired(host)).toBe(true);
});

it("a container, which runs its machine's kernel, need not be for a kernel's sake", async () => {
  host.write("/proc/sys/kernel/osrelease", "5.10.0-1-cloud\n");
  host.write("/boot/vmlinuz-6.1.0-38-amd64", "");
  expect(await isRebootRequired(host)).toBe(false);
});
