import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFakeHost } from "../testing/fake-host.ts";
import { checkHost } from "./host-check.ts";

describe("the check of a host", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "host-"));
    mkdirSync(join(root, "etc"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const check = (release: string, machineId = "0123456789abcdef0123456789abcdef") => {
    writeFileSync(join(root, "etc/os-release"), release);
    writeFileSync(join(root, "etc/machine-id"), `${machineId}\n`);
    return checkHost(openFakeHost(root));
  };
  const debian = (codename: string) =>
    `PRETTY_NAME="Debian GNU/Linux (${codename})"\nID=debian\nVERSION_CODENAME=${codename}\n`;

  it.each(["bookworm", "trixie"])("passes Debian %s", async (codename) => {
    expect(await check(debian(codename))).toMatchObject({ suite: codename });
  });

  it.each([
    ["an older Debian", debian("bullseye"), "Debian GNU/Linux (bullseye)"],
    [
      "a relative of Debian",
      'ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04"\nVERSION_CODENAME=noble\n',
      "Ubuntu 24.04",
    ],
    ["a system without a name", "", "an unknown system"],
  ])("refuses %s in one sentence that names it", async (_what, release, name) => {
    await expect(check(release)).rejects.toThrow(
      `Mailstead operates Debian 12 and Debian 13; this host is ${name}. Nothing was changed.`,
    );
  });

  it("refuses a host that cannot identify itself", async () => {
    await expect(check(debian("trixie"), "uninitialized")).rejects.toThrow(
      "This host cannot identify itself",
    );
  });
});
