import { rename } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, expect as expectPage, type Locator, type Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import { narrow, openBrowser, openVisitor, type Visitor, wide } from "../scene/browser.ts";
import { query } from "../scene/database.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { readLayoutShift, readOverflowPx, tabThrough, watchLayout } from "../scene/page-quality.ts";
import { openDomain } from "../scene/screens/domain.ts";
import { signIn } from "../scene/screens/doorway.ts";
import { openPart, openServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";

// web.dev's bound for a page that stays still, of which a page made for work needs none.
const layoutShiftMax = 0.1;
const manyMailboxes = 10_000;
const exportedLists = ["servers", "domains", "mailboxes", "aliases", "jobs", "customers", "audit"];
const smallest = { width: 360, height: 780 } as const;

describeInBrowser("the demo fleet", () => {
  let controlPlane: ControlPlane;
  let browser: Browser;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    controlPlane = await startControlPlane({ isDemo: true });
    browser = await openBrowser();
    visitor = await openVisitor(browser, controlPlane.url);
    await watchLayout(visitor.context);
    page = visitor.page;
    const [, email = "", password = ""] =
      /sign in as (\S+) with the password (\S+)/.exec(controlPlane.logs()) ?? [];
    await signIn(page, { email, password });
  });
  afterAll(async () => {
    await browser?.close();
    await controlPlane?.stop();
  });

  /** Every screen, by how a person gets there. */
  const screens: readonly { name: string; open: () => Promise<unknown> }[] = [
    { name: "home", open: () => page.goto("/") },
    { name: "servers", open: () => page.goto("/servers") },
    { name: "server-healthy", open: () => openServer(page, "alpine-mx1") },
    { name: "server-service-down", open: () => openServer(page, "nordlicht-archive") },
    { name: "server-awaiting", open: () => openServer(page, "alpine-graz") },
    { name: "drift", open: () => openServer(page, "alpine-vienna").then(() => openPart(page, "Drift")) },
    { name: "server-jobs", open: () => openServer(page, "alpine-mx1").then(() => openPart(page, "Jobs")) },
    {
      name: "server-settings",
      open: () => openServer(page, "alpine-mx1").then(() => openPart(page, "Settings")),
    },
    { name: "jobs", open: () => page.goto("/jobs") },
    { name: "domains", open: () => page.goto("/domains") },
    { name: "domain", open: () => openDomain(page, "alpine-bakery.example") },
    { name: "mailboxes", open: () => page.goto("/mailboxes") },
    { name: "customers", open: () => page.goto("/customers") },
    { name: "audit", open: () => page.goto("/audit") },
    { name: "settings", open: () => page.goto("/settings") },
    { name: "not-found", open: () => page.goto("/servers/01890000-0000-7000-8000-000000000000") },
  ];

  it.each(screens)("shows $name whole, without a jump, also on a narrow screen", async ({ name, open }) => {
    await open();
    await page.waitForLoadState("networkidle");
    await page.reload();
    await expectPage(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
    await page.waitForLoadState("networkidle");
    const { layoutShift, shifted } = await readLayoutShift(page);
    expect(layoutShift, `what jumped: ${shifted.join("\n")}`).toBeLessThan(layoutShiftMax);
    expect(await page.title()).not.toBe("");
    for (const viewport of [narrow, smallest]) {
      await page.setViewportSize(viewport);
      expect(await readOverflowPx(page), `beyond ${viewport.width} px`).toBe(0);
    }
    await page.setViewportSize(wide);
    await photograph(page, `demo-${name}`);
  });

  it("can be walked by keyboard alone, and always shows where the focus is", async () => {
    await page.goto("/servers");
    await page.waitForLoadState("networkidle");
    const stops = await tabThrough(page, 25);
    expect(stops[0]?.name).toContain("Skip to content");
    expect(stops.filter(({ isVisible }) => !isVisible)).toEqual([]);

    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog");
    await expectPage(palette).toBeVisible();
    await page.keyboard.type("harbour-mx1");
    await expectPage(palette.getByRole("option").filter({ hasText: "harbour-mx1" }).first()).toBeVisible();
    await photograph(page, "demo-palette");
    await page.keyboard.press("Enter");
    await expectPage(page.getByRole("heading", { level: 1, name: "harbour-mx1" })).toBeVisible();

    await page.keyboard.press("?");
    await expectPage(page.getByRole("dialog").getByText("Keyboard shortcuts")).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.waitForURL("**/domains");
  });

  it("finds and sorts servers by the address alone, so that a view can be sent to a colleague", async () => {
    await page.goto("/servers");
    await page.getByLabel("Search by name or host").fill("nordlicht");
    await page.waitForURL(/q=nordlicht/);
    await expectPage(page.getByRole("link", { name: "alpine-mx1" })).toHaveCount(0);
    const shown = await page.getByRole("row").count();
    await page.reload();
    await expectPage(page.getByRole("row")).toHaveCount(shown);
  });

  it("sorts by what waits in the mail queues, the longest first", async () => {
    await page.goto("/servers");
    await page.getByRole("button", { name: "Queue" }).click();
    await page.waitForURL(/sort=-queue/);
    await expectPage(page.getByRole("columnheader", { name: "Queue" })).toHaveAttribute(
      "aria-sort",
      "descending",
    );
    await expectPage(page.getByRole("table").getByRole("link").first()).not.toHaveText("alpine-graz");
    const cells = await page.locator("tbody tr td:nth-last-child(2)").allInnerTexts();
    const sizes = cells.map((cell) => (cell === "–" ? -1 : Number(cell)));
    expect(sizes.length).toBe(12);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  });

  it("remembers which columns a person wants, from the first paint on", async () => {
    await page.goto("/servers");
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Customer" }).click();
    await page.getByRole("menuitemcheckbox", { name: "IP addresses" }).click();
    await photograph(page, "demo-columns");
    await page.keyboard.press("Escape");
    const heads = page.getByRole("columnheader");
    await expectPage(heads.filter({ hasText: "IP addresses" })).toBeVisible();
    const html = await (await page.request.get("/servers")).text();
    expect(html).toContain(">IP addresses<");
    await page.reload();
    await page.waitForLoadState("networkidle");
    await expectPage(heads.filter({ hasText: "Customer" })).toHaveCount(0);
    expect((await readLayoutShift(page)).layoutShift).toBeLessThan(layoutShiftMax);
    await page.context().clearCookies({ name: /^mailstead-columns/ });
  });

  it("walks through ten thousand mailboxes with no more rows in the page than a screen needs", async () => {
    await plantMailboxes(controlPlane, manyMailboxes);
    await page.goto("/mailboxes?q=bulk-");
    await expectPage(page.getByRole("status").filter({ hasText: "10,000 mailboxes" })).toBeVisible();
    await page.locator("tr[data-row]").first().focus();
    const last = page.getByRole("cell", { name: /^bulk-10000@/ });
    let rowsMax = 0;
    await expectPage(async () => {
      await page.keyboard.press("End");
      rowsMax = Math.max(rowsMax, await page.locator("tr[data-row]").count());
      await expectPage(last).toBeInViewport({ timeout: 50 });
    }).toPass({ intervals: [30], timeout: 60_000 });
    // All are there while they are few enough for the browser's own search.
    expect(rowsMax).toBeLessThanOrEqual(200);
    expect(await page.locator("tr[data-row]").count()).toBeLessThan(80);
    await expectPage(page.locator("tr[data-row]:focus")).toHaveAttribute("aria-rowindex", "10001");

    await page.keyboard.press("k");
    await expectPage(page.locator("tr[data-row]:focus")).toHaveAttribute("aria-rowindex", "10000");
    await page.keyboard.press("Home");
    await expectPage(page.getByRole("cell", { name: /^bulk-00001@/ })).toBeInViewport();
    await expectPage(page.locator("tr[data-row]:focus")).toHaveAttribute("aria-rowindex", "2");
  });

  it("hands out every row that matches as CSV, in which nothing is a formula", async () => {
    const read = async (list: string) =>
      (await (await page.request.get(`/api/export/${list}`)).text()).split("\r\n");
    const mailboxes = await read("mailboxes?q=bulk-");
    expect(mailboxes.filter(Boolean)).toHaveLength(manyMailboxes + 1);
    expect(mailboxes[manyMailboxes]).toMatch(/^bulk-10000@/);
    expect((await read("servers?state=drift")).filter(Boolean)).toHaveLength(2);

    await page.goto("/customers");
    await page.getByRole("button", { name: "Add customer" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill('=HYPERLINK("http://evil.example","Acme")');
    await page.getByRole("dialog").getByRole("button", { name: "Add customer" }).click();
    await expectPage(page.getByRole("dialog")).toHaveCount(0);
    const customers = await read("customers?q=hyperlink");
    expect(customers[1]).toMatch(/^"'=HYPERLINK\(""http/);

    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Export CSV" }).click();
    expect((await download).suggestedFilename()).toBe("mailstead-customers.csv");
  });

  it("shows what a running job does before what it changed, under a title of its own", async () => {
    await page.goto("/jobs?state=active");
    await page.getByRole("link", { name: "Install mail" }).click();
    await expectPage(page).toHaveTitle("Install mail · nordlicht-oslo · Mailstead");
    for (const shown of [
      page.getByRole("progressbar"),
      page.getByRole("log"),
      page.getByText("Configure Rspamd"),
    ])
      await expectPage(shown).toBeInViewport();
    await photograph(page, "demo-job-running");

    await page.goto("/jobs?state=failed");
    await page.getByRole("table").getByRole("link", { name: "Apply target state" }).first().click();
    await expectPage(page).toHaveTitle("Apply target state · nordlicht-hamburg · Mailstead");
    const topOf = async (part: Locator) => (await part.boundingBox())?.y ?? Number.NaN;
    const files = page.getByRole("heading", { name: "1 file changed" });
    expect(await topOf(page.getByRole("log"))).toBeLessThan(await topOf(files));
    await photograph(page, "demo-job-failed");

    await page.goto("/servers/01890000-0000-7000-8000-000000000000");
    await expectPage(page).toHaveTitle("There is nothing here · Mailstead");
  });

  it("says what is being installed while it is", async () => {
    await openServer(page, "nordlicht-oslo");
    await page.goto(`${page.url()}/install`);
    await page.waitForLoadState("networkidle");
    await expectPage(
      page.getByText("These files are being written to nordlicht-oslo right now"),
    ).toBeVisible();
    await expectPage(page.getByText("Nothing has been changed yet")).toHaveCount(0);
    await photograph(page, "demo-installing");
    await page.getByRole("link", { name: "Watch the installation" }).click();
    await page.waitForURL(/\/jobs\//);
  });

  it("says when the agent is not built yet, until it is", async () => {
    await untilReleased(controlPlane);
    const releases = join(controlPlane.dataDir, "releases");
    await rename(releases, `${releases}.away`);
    const release = await page.request.get("/releases/linux-x64.release");
    expect([release.status(), release.headers()["retry-after"]]).toEqual([503, "30"]);
    expect(await release.text()).toContain("The agent is still being built");

    await openServer(page, "alpine-graz");
    await page.getByRole("button", { name: "Get a new command" }).click();
    const note = page.getByText("The agent is still being built");
    await expectPage(note).toBeVisible();
    await photograph(page, "demo-agent-awaited");
    await rename(`${releases}.away`, releases);
    await expectPage(note).toHaveCount(0);
    expect((await page.request.get("/releases/nothing.release")).status()).toBe(404);
  });

  it("can be used at twice the size", async () => {
    await page.setViewportSize({ width: wide.width / 2, height: wide.height / 2 });
    await page.goto("/servers");
    await page.waitForLoadState("networkidle");
    expect(await readOverflowPx(page)).toBe(0);
    await page.setViewportSize(wide);
  });

  it("shows a stranger nothing but the door", async () => {
    const stranger = await openVisitor(browser, controlPlane.url);
    for (const path of ["/", "/servers", "/jobs", "/settings"]) {
      await stranger.page.goto(path);
      await expectPage(stranger.page.getByRole("heading", { name: "Sign in to Mailstead" })).toBeVisible();
    }
    const answer = await stranger.context.request.get("/api/trpc/tenants.list");
    expect(answer.status()).toBe(401);
    for (const list of exportedLists)
      expect((await stranger.context.request.get(`/api/export/${list}`)).status()).toBe(401);
    await stranger.context.close();
  });

  it("had no page that complained", () => {
    const unexpected = visitor.complaints().filter((text) => !/status of 404/.test(text));
    expect(unexpected).toEqual([]);
  });
});

/** Gives the first domain of the fleet this many mailboxes, named bulk-00001 and so on. */
async function plantMailboxes(controlPlane: ControlPlane, count: number): Promise<void> {
  await query(
    controlPlane,
    `insert into mailboxes (id, organisation_id, tenant_id, domain_id, local_part, password_hash, quota_bytes, created_at)
     select gen_random_uuid(), d.organisation_id, d.tenant_id, d.id, 'bulk-' || lpad(n::text, 5, '0'), '{ARGON2ID}none', 0, now()
       from (select * from domains order by name limit 1) d, generate_series(1, $1::integer) n`,
    [count],
  );
}
