import { rename } from "node:fs/promises";
import { join } from "node:path";
import { openBus, serverChannel } from "@mailstead/services/bus";
import type { Browser, Locator, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ControlPlane } from "../control-plane/start.ts";
import { untilReleased } from "../control-plane/until-released.ts";
import { openVisitor } from "../scene/browser.ts";
import { query } from "../scene/database.ts";
import { type Demo, openDemo } from "../scene/demo.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { layoutShiftMax, readLayoutShift, tabThrough } from "../scene/page-quality.ts";
import { plantMailboxes } from "../scene/plant-mailboxes.ts";
import { openDomain } from "../scene/screens/domain.ts";
import { tabTo } from "../scene/screens/keyboard.ts";
import { openDomainPart } from "../scene/screens/mailboxes.ts";
import { copyFrom, openServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";

const manyMailboxes = 10_000;
const exportedLists = ["servers", "domains", "mailboxes", "aliases", "jobs", "customers", "audit", "zones"];

// All in one file, because a control plane with its fleet takes half a minute to start.
describeInBrowser("the demo fleet", () => {
  let demo: Demo;
  let controlPlane: ControlPlane;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    demo = await openDemo();
    ({ controlPlane, browser, page } = demo);
  });
  afterAll(() => demo?.close());

  it("can be walked by keyboard alone, and always shows where the focus is", async () => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    for (const path of ["/settings", "/customers", "/audit", "/", "/servers"]) {
      await page.goto(path);
      await page.waitForLoadState("networkidle");
      const stops = await tabThrough(page, 40);
      expect(stops.length).toBeGreaterThan(12);
      expect(stops[0]?.name).toContain("Skip to content");
      expect(stops.filter(({ isVisible }) => !isVisible)).toEqual([]);
    }

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

  it("lets a mailbox be added by keyboard alone, and says at its field what is wrong with the password", async () => {
    await openDomainPart(page, "harbour-notary.example", "Mailboxes");
    await page.waitForLoadState("networkidle");
    await tabTo(page, page.getByRole("button", { name: "Add mailbox" }));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await expectPage(dialog.getByLabel("Address")).toBeFocused();
    await page.keyboard.type("keys");
    const password = dialog.getByLabel("Password", { exact: true });
    await tabTo(page, password);
    await page.keyboard.press("Control+a");
    await page.keyboard.type("short");
    await page.keyboard.press("Enter");
    await expectPage(password).toHaveAttribute("aria-invalid", "true");
    await expectPage(password).toHaveAccessibleDescription(/10 characters/);
    await tabTo(page, dialog.getByRole("button", { name: "Generate" }));
    await page.keyboard.press("Enter");
    await tabTo(page, dialog.getByRole("button", { name: "Create mailbox" }));
    await page.keyboard.press("Enter");
    await expectPage(
      dialog.getByRole("heading", { name: "keys@harbour-notary.example is ready" }),
    ).toBeVisible();
    await expectPage(dialog.getByRole("button", { name: "Done" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expectPage(
      page.getByRole("cell", { name: "keys@harbour-notary.example", exact: true }),
    ).toBeVisible();
  });

  it("saves a small quota as it is when nobody changed it", async () => {
    const quota = async () =>
      (
        await query<{ bytes: string }>(
          controlPlane,
          "select quota_bytes as bytes from mailboxes where local_part = 'keys'",
        )
      )[0]?.bytes;
    await query(controlPlane, "update mailboxes set quota_bytes = 5000000 where local_part = 'keys'");
    await openDomainPart(page, "harbour-notary.example", "Mailboxes");
    await page.getByRole("button", { name: "Actions for keys@harbour-notary.example" }).click();
    await page.getByRole("menuitem", { name: "Set quota" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Set quota" }).click();
    await expectPage(page.getByRole("dialog")).toHaveCount(0);
    expect(Number(await quota())).toBe(5_000_000);
  });

  it("leads from each figure of the fleet to the list that it counts", async () => {
    await page.goto("/");
    await page.getByRole("link", { name: /^[\d,]+ mailboxes$/ }).click();
    await page.waitForURL(/\/mailboxes$/);
  });

  it("shows in a list what changed on a server, without being asked", async () => {
    const bus = await openBus({ databaseUrl: controlPlane.adminDatabaseUrl });
    const rename = async (from: string, to: string) => {
      const [row] = await query<{ id: string }>(
        controlPlane,
        "update servers set name = $2 where name = $1 returning id",
        [from, to],
      );
      await bus.publish(serverChannel(row?.id ?? ""), "");
    };
    await page.goto("/servers");
    await expectPage(page.getByText("Live", { exact: true })).toBeVisible();
    await rename("harbour-cork", "harbour-cobh");
    await expectPage(page.getByRole("link", { name: "harbour-cobh" })).toBeVisible();
    await rename("harbour-cobh", "harbour-cork");
    await expectPage(page.getByRole("link", { name: "harbour-cork" })).toBeVisible();
    await bus.close();
  });

  it("copies a DKIM record whole, as it has to be published", async () => {
    const [key] = await query<{ selector: string; publicKey: string }>(
      controlPlane,
      `select k.selector, k.public_key as "publicKey" from dkim_keys k join domains d on d.id = k.domain_id
        where d.name = 'alpine-bakery.example' and k.algorithm <> 'ed25519' and k.public_key is not null`,
    );
    await openDomain(page, "alpine-bakery.example");
    const record = page.getByRole("article", {
      name: `TXT ${key?.selector}._domainkey.alpine-bakery.example`,
    });
    const value = await copyFrom(page, record.getByRole("button", { name: "Copy the value" }));
    expect(value).toBe(`v=DKIM1; k=rsa; p=${key?.publicKey}`);
    expect(value.length).toBeGreaterThan(400);
    await expectPage(record.getByText(value, { exact: true }).first()).toBeVisible();
  });

  it("holds a text out to be copied by hand where the browser forbids the button", async () => {
    await openServer(page, "alpine-mx1");
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
      document.execCommand = () => false;
    });
    await page.getByRole("button", { name: "Copy 203.0.113.11" }).click();
    const dialog = page.getByRole("dialog", { name: "Your browser did not let us copy this" });
    await expectPage(dialog).toBeVisible();
    const area = dialog.getByRole("textbox");
    await expectPage(area).toHaveValue("203.0.113.11");
    expect(
      await area.evaluate((element) => {
        const { value, selectionStart, selectionEnd } = element as HTMLTextAreaElement;
        return value.slice(selectionStart, selectionEnd);
      }),
    ).toBe("203.0.113.11");
    await expectPage(page.getByText("Copied")).toHaveCount(0);
    await photograph(page, "demo-copy-by-hand");
    await page.keyboard.press("Escape");
    await expectPage(dialog).toHaveCount(0);
  });

  it("says that the control plane did not answer, and goes on when it does", async () => {
    const other = await demo.visitor.context.newPage();
    await other.goto("/servers");
    await other.waitForLoadState("networkidle");
    await other.route(/\/api\/trpc\/[^?]*servers\.list/, (route) => route.abort());
    await other.getByRole("searchbox", { name: "Search by name or host" }).fill("alpine");
    const note = other.getByRole("alert").filter({
      hasText: "The control plane did not answer. Check your connection and try again.",
    });
    await expectPage(note).toBeVisible();
    await expectPage(other.getByText(/^\d+ servers?$/)).toHaveCount(0);
    await photograph(other, "demo-no-answer");
    await other.unroute(/\/api\/trpc\/[^?]*servers\.list/);
    await other.getByRole("button", { name: "Try again" }).click();
    await expectPage(other.getByRole("link", { name: "alpine-mx1" })).toBeVisible();
    await expectPage(note).toHaveCount(0);
    await other.close();
  });

  it("quotes the id of a failure of its own, which the log knows, and goes on when it is mended", async () => {
    const other = await demo.visitor.context.newPage();
    // A list that is told of changes would come back by itself.
    await other.route(/\/api\/trpc\/live\./, (route) => route.abort());
    await query(controlPlane, "alter table servers rename to servers_away");
    try {
      await other.goto("/servers");
      const note = other.getByRole("alert").filter({ hasText: "Quote this id when you ask for help" });
      await expectPage(note).toBeVisible();
      const [id = "nothing"] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(await note.innerText()) ?? [];
      await expectPage.poll(() => controlPlane.logs()).toContain(id);
      expect(await note.innerText()).not.toContain("servers_away");
    } finally {
      await query(controlPlane, "alter table servers_away rename to servers");
    }
    await other.getByRole("button", { name: "Try again" }).click();
    await expectPage(other.getByRole("link", { name: "alpine-mx1" })).toBeVisible();
    await other.close();
  });

  it("finds and sorts servers by the address alone, so that a view can be sent to a colleague", async () => {
    await page.goto("/servers");
    await page.getByRole("searchbox", { name: "Search by name or host" }).fill("nordlicht");
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
    }).toPass({ intervals: [30], timeout: 120_000 });
    // All are there while they are few enough for the browser's own search.
    expect(rowsMax).toBeLessThanOrEqual(200);
    await expectPage.poll(() => page.locator("tr[data-row]").count()).toBeLessThan(80);
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
    const files = page.getByRole("heading", { name: "1 file tried, and put back as it was" });
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

  it("lets a server be added by keyboard alone", async () => {
    await page.goto("/servers");
    await page.waitForLoadState("networkidle");
    const add = page.getByRole("button", { name: "Add server" });
    await tabTo(page, add);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await tabTo(page, dialog.getByLabel("Host name"));
    await page.keyboard.type("mx9.harbour-legal.example");
    await tabTo(page, dialog.getByLabel("Name", { exact: true }));
    await page.keyboard.type("harbour-mx9");
    await page.keyboard.press("Enter");
    await expectPage(dialog.getByRole("heading", { name: "Run this on harbour-mx9" })).toBeVisible();
    await tabTo(page, dialog.getByRole("button", { name: "Copy the install command" }));
    await page.keyboard.press("Enter");
    await expectPage(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("install.sh");
    await page.keyboard.press("Escape");
    await expectPage(dialog).toHaveCount(0);
    await expectPage(page.getByRole("link", { name: "harbour-mx9" })).toBeVisible();
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
    const unexpected = demo.visitor.complaints().filter((text) => !/status of 404/.test(text));
    expect(unexpected).toEqual([]);
  });
});
