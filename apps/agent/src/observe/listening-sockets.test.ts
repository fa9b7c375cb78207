import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { parseSocketTable, readListeners } from "./listening-sockets.ts";

let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "sockets-")));
});
afterEach(() => rmSync(host.root, { recursive: true }));

const header =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (local: string, state = "0A") =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100\n`;

it("tells listeners from connections", () => {
  const table = `${header}${line("0100007F:0019")}${line("0100007F:01BB", "01")}`;
  expect(parseSocketTable(table, "tcp")).toEqual([{ hexAddress: "0100007F", port: 25, inode: "12345" }]);
});

it("tells the ports that others can get to, not those of loopback", async () => {
  host.write(
    "/proc/net/tcp",
    `${header}${line("00000000:0019")}${line("0100007F:2BBC")}${line("3700007F:0035")}`,
  );
  host.write(
    "/proc/net/tcp6",
    `${header}${line(`${"0".repeat(32)}:03E1`)}${line("00000000000000000000000001000000:2BBC")}${line("0000000000000000FFFF00000100007F:18EB")}`,
  );
  expect(await readListeners(host)).toEqual({ ipv4: [25], ipv6: [993] });
});

it("finds all listeners of a host with very many connections, without reading those", async () => {
  const many = line("0B336FC6:0019", "01").repeat(5_000);
  host.write("/proc/net/tcp", `${header}${line("00000000:0019")}${line("00000000:03E1")}${many}`);
  expect(await readListeners(host)).toEqual({ ipv4: [25, 993], ipv6: [] });
});

it("says nothing where the kernel shows nothing", async () => {
  expect(await readListeners(host)).toBeNull();
});
