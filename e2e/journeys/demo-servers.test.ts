import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { query } from "../scene/database.ts";
import { type Demo, openDemo } from "../scene/demo.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { plantServers } from "../scene/plant-servers.ts";
import { photograph } from "../scene/screenshots.ts";

const manyServers = 10_000;

// In a file of its own, because what it plants would stand in the way of those who count the fleet.
describeInBrowser("the list of servers", () => {
  let demo: Demo;
  let page: Page;

  beforeAll(async () => {
    demo = await openDemo();
    ({ page } = demo);
  });
  afterAll(() => demo?.close());

  const rows = () => page.locator("tr[data-row]");
  const select = (name: string) => page.getByRole("checkbox", { name: `Select ${name}` }).click();

  it("shows tags, and a press on one leads to the servers that have it", async () => {
    await page.goto("/servers");
    await page.waitForLoadState("networkidle");
    await photograph(page, "servers-tags");
    await page.getByRole("button", { name: "Show servers with the tag vip" }).first().click();
    await expectPage(rows()).toHaveCount(3);
    expect(new URL(page.url()).searchParams.get("tags")).toBe("vip");
    await page.goto("/servers?tags=-");
    await expectPage(rows().filter({ hasText: "vip" })).toHaveCount(0);
  });

  it("gives selected servers a tag, and says how many", async () => {
    await page.goto("/servers");
    await select("nordlicht-mail");
    await select("nordlicht-oslo");
    await photograph(page, "servers-bulk-bar");
    await page.getByRole("button", { name: "Add tags" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Tags").fill("two words, <b>");
    await dialog.getByRole("button", { name: "Tag 2 servers" }).click();
    await expectPage(dialog.getByText("“<b>” is no tag")).toBeVisible();
    await dialog.getByLabel("Tags").fill("north");
    await dialog.getByRole("button", { name: "Tag 2 servers" }).click();
    await expectPage(dialog.getByText("2 servers changed.")).toBeVisible();
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await expectPage(page.getByRole("button", { name: "Show servers with the tag north" })).toHaveCount(2);
  });

  it("says what an order comes to before it is given, and what became of it", async () => {
    await page.goto("/servers");
    await select("alpine-mx1");
    await select("alpine-graz");
    await page.getByRole("button", { name: "Check mail now" }).click();
    const dialog = page.getByRole("dialog");
    await expectPage(dialog.getByText("1 server is not asked: The agent has not called yet.")).toBeVisible();
    await photograph(page, "servers-bulk-order");
    await dialog.getByRole("button", { name: "Ask 1 server" }).click();
    await expectPage(dialog.getByText("1 server was asked and begins.")).toBeVisible();
    const jobs = await query<{ count: string }>(
      demo.controlPlane,
      "select count(*) from jobs where verb = 'check-mail' and created_at > now() - interval '5 minutes'",
    );
    expect(Number(jobs[0]?.count)).toBe(1);
    await dialog.getByRole("button", { name: "Close" }).last().click();
  });

  it("keeps a filter under a name, and opens the list with it", async () => {
    await page.goto("/servers?tags=dc-vienna");
    await page.getByRole("button", { name: "Saved filters" }).click();
    await photograph(page, "servers-saved-filters");
    await page.getByRole("menuitem", { name: "Save this filter" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Vienna");
    await dialog.getByRole("switch", { name: "Open the list with it" }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expectPage(dialog).toHaveCount(0);
    await page.goto("/servers");
    await expectPage(page.getByRole("button", { name: "Vienna", exact: true })).toBeVisible();
    await expectPage(rows()).toHaveCount(3);
    await page.getByRole("button", { name: "Vienna", exact: true }).click();
    await page.getByRole("menuitem", { name: "All servers" }).click();
    await expectPage(rows()).toHaveCount(12);
    await page.reload();
    await expectPage(rows()).toHaveCount(12);
  });

  it("selects all that match, and walks through ten thousand with no more rows in the page than a screen needs", async () => {
    await plantServers(demo.controlPlane, manyServers);
    await page.goto("/servers?q=planted-");
    await expectPage(page.getByRole("status").filter({ hasText: "10,000 servers" })).toBeVisible();
    await select("planted-00001");
    await page.getByRole("button", { name: "Select all 10,000 that match" }).click();
    await expectPage(page.getByRole("status").filter({ hasText: "10,000 selected" })).toBeVisible();
    await page.getByRole("button", { name: "Check mail now" }).click();
    const dialog = page.getByRole("dialog");
    await expectPage(
      dialog.getByText("10,000 servers are not asked: The agent has not called yet."),
    ).toBeVisible();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Clear", exact: true }).last().click();
    await rows().first().focus();
    const last = page.getByText("planted-10000", { exact: true });
    await expectPage(async () => {
      await page.keyboard.press("End");
      await expectPage(last).toBeInViewport({ timeout: 50 });
    }).toPass({ intervals: [30], timeout: 120_000 });
    expect(await rows().count()).toBeLessThan(80);
  });
});
