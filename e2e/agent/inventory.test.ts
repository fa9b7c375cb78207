import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { openScene, paste, type Scene } from "../scene/scene.ts";
import { addServer, openPart, openServer } from "../scene/screens/servers.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";

const names = ["sw12", "sw13"] as const;
/** Every service has it mapped, and apt can install it once more from where it came. */
const everywhere = "libc6";
// An agent looks each minute, and not while packages are worked on.
const soon = { timeout: 180_000 };

describeJourney("what software hosts on Debian 12 and 13 have", () => {
  let scene: Scene;
  let page: Page;

  beforeAll(async () => {
    scene = await openScene({
      hosts: [
        { name: names[0], suite: "bookworm" },
        { name: names[1], suite: "trixie" },
      ],
      receivers: false,
    });
    page = scene.page;
    for (const name of names) {
      const host = scene.lab.host(name);
      const command = await addServer(page, { customer: "Acme", name, hostname: host.description.hostname });
      const { code, output } = await paste(host, command);
      expect(code, output).toBe(0);
    }
  });
  afterAll(() => scene?.close());
  stepsInOrder(() => scene);

  /** The second of the two columns that dpkg shows of a package. */
  const versionOn = async (host: LabHost, name: string): Promise<string> =>
    (await host.must(["dpkg-query", "--show", name])).trim().split("\t")[1] ?? "";
  const search = async (text: string) => {
    await page.goto(`/updates/packages?q=${encodeURIComponent(text)}`);
    return page.getByRole("table", { name: "Servers" }).getByRole("row");
  };
  /** Asks again until an answer is as expected: a page that is open does not change by itself. */
  const eventually = (look: () => Promise<void>) => expectPage(look).toPass({ ...soon, intervals: [3_000] });

  it("is found by one search, each host with the version that dpkg knows", async () => {
    for (const name of names) {
      const version = await versionOn(scene.lab.host(name), everywhere);
      await eventually(async () => {
        const row = (await search(everywhere)).filter({ hasText: name });
        await expectPage(row).toContainText(version, { timeout: 2_000 });
      });
    }
    const older = await versionOn(scene.lab.host(names[0]), everywhere);
    const newer = await versionOn(scene.lab.host(names[1]), everywhere);
    const found = await search(`${everywhere} <${newer}`);
    await expectPage(found.filter({ hasText: older })).toHaveCount(1);
    await expectPage(found.filter({ hasText: names[1] })).toHaveCount(0);
  });

  it("is counted on the server's page as dpkg counts it", async () => {
    for (const name of names) {
      const listed = await scene.lab.host(name).must(["dpkg-query", "--list"]);
      const installed = listed.split("\n").filter((line) => /^[a-z]i /.test(line)).length;
      await openServer(page, name);
      await openPart(page, "Software");
      await expectPage(page.getByText(`${installed} packages`)).toBeVisible();
    }
  });

  it("is old in the services that run on after an update, until they are started anew", async () => {
    const hosts = names.map((name) => scene.lab.host(name));
    const seesCron = async (count: number) => {
      for (const name of names)
        await eventually(async () => {
          await openServer(page, name);
          await openPart(page, "Software");
          await expectPage(page.getByRole("heading", { name: "Services on old files" })).toBeVisible();
          await expectPage(page.getByText("cron.service", { exact: true })).toHaveCount(count, {
            timeout: 2_000,
          });
        });
    };
    // All hosts change before any is looked at, so that their minutes pass side by side.
    const reinstall = ["apt-get", "install", "--reinstall", "--yes", "-qq", everywhere];
    await Promise.all(hosts.map((host) => host.must(reinstall, { timeoutMs: 120_000 })));
    await seesCron(1);
    await page.goto("/updates/restart");
    const rows = page.getByRole("table", { name: "To restart" }).getByRole("row");
    for (const name of names) await expectPage(rows.filter({ hasText: name })).toContainText("cron");
    for (const host of hosts) {
      await host.must(["systemctl", "restart", "cron.service"]);
      // What has been restarted shows at the next look, and this is what has it look now.
      await host.must(["touch", "/var/lib/dpkg/status"]);
    }
    await seesCron(0);
  });
});
