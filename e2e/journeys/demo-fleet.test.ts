import { type Browser, expect as expectPage, type Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { narrow, openBrowser, openVisitor, type Visitor, wide } from "../scene/browser.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { readLayoutShift, readOverflowPx, tabThrough, watchLayout } from "../scene/page-quality.ts";
import { openDomain } from "../scene/screens/domain.ts";
import { signIn } from "../scene/screens/doorway.ts";
import { openPart, openServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";

// web.dev's bound for a page that stays still, of which a page made for work needs none.
const layoutShiftMax = 0.1;
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
    await stranger.context.close();
  });

  it("had no page that complained", () => {
    const unexpected = visitor.complaints().filter((text) => !/status of 404/.test(text));
    expect(unexpected).toEqual([]);
  });
});
