import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "./describe-lab.ts";
import type { LabHost } from "./host.ts";
import { type Lab, openLab } from "./lab.ts";

describeLab("faults of the lab", () => {
  let lab: Lab;
  let host: LabHost;

  beforeAll(async () => {
    lab = await openLab({ hosts: [{ name: "victim", suite: "bookworm" }] });
    host = lab.host("victim");
    await host.must(["apt-get", "-q", "update"]);
  });
  afterAll(() => lab?.close());

  const connects = async (address: string, port: number): Promise<boolean> =>
    (await host.exec(["timeout", "1", "bash", "-c", `: <>/dev/tcp/${address}/${port}`])).code === 0;
  const install = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "install"];

  it("a cut link stops traffic and a mended one lets it through", async () => {
    await host.setLink("down");
    expect(await connects("198.51.100.24", 25)).toBe(false);
    await host.setLink("up");
    await host.waitFor("the network", () => connects("198.51.100.24", 25));
  });

  it("a block of port 25 stops mail in both families and nothing else", async () => {
    const fault = await lab.faults.blockOutward(host);
    expect(await connects("198.51.100.24", 25)).toBe(false);
    expect(await connects("2001:db8:51::24", 25)).toBe(false);
    expect(await connects("198.51.100.1", 3142)).toBe(true);
    await fault.end();
    expect(await connects("198.51.100.24", 25)).toBe(true);
  });

  it("a host without IPv6 has neither address nor route, and gets both back", async () => {
    const fault = await lab.faults.dropIpv6(host);
    expect(await host.must(["ip", "-6", "addr", "show", "dev", "eth0"])).toBe("");
    await fault.end();
    await host.waitFor("IPv6", () => connects("2001:db8:51::24", 25));
  });

  it("a full disk refuses to be written, and a mended one takes it", async () => {
    const fault = await lab.faults.fillDisk(host);
    const write = ["dd", "if=/dev/zero", "of=/root/file", "bs=1M", "count=1"];
    expect((await host.exec(write)).stderr).toContain("No space left on device");
    await fault.end();
    expect((await host.exec(write)).code).toBe(0);
  });

  it("a held lock keeps apt waiting", async () => {
    const fault = await lab.faults.holdAptLock(host);
    const busy = await host.exec([...install, "bc"]);
    expect(busy.code).toBe(100);
    expect(busy.stderr).toContain("Could not get lock /var/lib/dpkg/lock-frontend");
    await fault.end();
    await host.must([...install, "bc"]);
  });

  it("failing downloads stop apt before it has changed anything", async () => {
    const fault = lab.faults.failDownloads(/\/pool\/.*\/jq/);
    const failed = await host.exec([...install, "jq"]);
    expect(failed.stderr).toMatch(/503|Failed to fetch/);
    await fault.end();
    expect((await host.exec(["dpkg-query", "-W", "jq"])).code).toBe(1);
  });

  it("a failing dpkg leaves packages unpacked and not configured, which can be repaired afterwards", async () => {
    const fault = await lab.faults.failDpkg(host, "configure");
    expect((await host.exec([...install, "jq"])).code).toBe(100);
    const state = (): Promise<string> => host.must(["dpkg", "-s", "jq"]);
    expect(await state()).toContain("install ok unpacked");
    await fault.end();
    await host.must(["dpkg", "--configure", "-a"]);
    expect(await state()).toContain("install ok installed");
  });

  it("a limited memory kills what takes more", async () => {
    const fault = await lab.faults.limitMemory(host, 256 * 1024 ** 2);
    const greedy = ["perl", "-e", 'my $x = "x" x (600*1024*1024); print "survived\\n"'];
    const result = await host.exec(["systemd-run", "--wait", "--pipe", "-q", ...greedy]);
    expect(result.stdout).not.toContain("survived");
    await fault.end();
  });

  it("a shifted clock is believed by the service and by nobody else", async () => {
    await host.writeFile(
      "/etc/systemd/system/clock.service",
      "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'date +%%s >/root/clock'\n",
    );
    const fault = await lab.faults.shiftClock(host, "clock.service", 86_400);
    const own = Number(await host.must(["date", "+%s"]));
    expect(Number(await host.readFile("/root/clock")) - own).toBeGreaterThan(86_000);
    await fault.end();
    expect(Number(await host.readFile("/root/clock")) - own).toBeLessThan(600);
  });

  it("a slow link is slow", async () => {
    const fault = await lab.faults.slowLink(host, 8_000_000);
    const started = Date.now();
    await host.must(["curl", "-fsS", "-o", "/dev/null", await bigFile()]);
    await fault.end();
    expect(Date.now() - started).toBeGreaterThan(500);
  });

  /** A package that the proxy has kept since the images were built. */
  async function bigFile(): Promise<string> {
    const uris = await host.must([
      "apt-get",
      "-q",
      "install",
      "--reinstall",
      "--print-uris",
      "-y",
      "systemd",
    ]);
    const path = /'http:\/\/([^']+systemd_[^']+)'/.exec(uris)?.[1] ?? "";
    await host.writeFile("/root/.curlrc", 'proxy = "http://198.51.100.1:3142"\n');
    return `http://${path}`;
  }
});
