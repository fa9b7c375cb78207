import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/start.ts";
import { findBarriers } from "../scene/accessibility.ts";
import { openBrowser, openVisitor, type Visitor } from "../scene/browser.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { layoutShiftMax, readLayoutShift, watchLayout } from "../scene/page-quality.ts";
import { owner } from "../scene/scene.ts";
import { becomeOwner } from "../scene/screens/doorway.ts";
import { photograph } from "../scene/screenshots.ts";

/** What each place says while there is nothing in it, and the one way on that it offers. */
const emptyPlaces = [
  { path: "/", says: "Bring your first mail server online", action: "Add server" },
  { path: "/servers", says: "No servers yet", action: "Add server" },
  { path: "/domains", says: "No domains yet", action: "Add domain" },
  { path: "/mailboxes", says: "No mailboxes yet", action: "Go to domains" },
  { path: "/jobs", says: "No jobs yet", action: null },
  { path: "/customers", says: "No customers yet", action: "Add customer" },
];

describeInBrowser("the first day, on which there is nothing yet", () => {
  let controlPlane: ControlPlane;
  let browser: Browser;
  let visitor: Visitor;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    browser = await openBrowser();
    visitor = await openVisitor(browser, controlPlane.url);
    await watchLayout(visitor.context);
  });
  afterAll(async () => {
    await browser?.close();
    await controlPlane?.stop();
  });

  it("opens with a welcome that everybody can read", async () => {
    const { page } = visitor;
    const link = controlPlane.ownerLink ?? "";
    await page.goto(link);
    await page.waitForLoadState("networkidle");
    await expectPage(page).toHaveTitle("Welcome to Mailstead");
    expect((await readLayoutShift(page)).layoutShift).toBeLessThan(layoutShiftMax);
    expect(await findBarriers(page)).toEqual([]);
    await becomeOwner(page, link, owner);
  });

  it.each(emptyPlaces)("teaches at $path what will be there", async ({ path, says, action }) => {
    const { page } = visitor;
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    const main = page.getByRole("main");
    await expectPage(main.getByRole("heading", { name: says })).toBeVisible();
    if (action !== null) {
      const ways = main.getByRole("button", { name: action }).or(main.getByRole("link", { name: action }));
      await expectPage(ways.first()).toBeVisible();
    }
    expect((await readLayoutShift(page)).layoutShift).toBeLessThan(layoutShiftMax);
    expect(await findBarriers(page)).toEqual([]);
    await photograph(page, `empty-${path.slice(1) || "home"}`);
  });

  it("has written down the one thing that was done", async () => {
    const { page } = visitor;
    await page.goto("/audit");
    await expectPage(
      page.getByRole("main").getByRole("row").filter({ hasText: owner.name }).first(),
    ).toBeVisible();
  });

  it("had no page that complained", () => {
    expect(visitor.complaints()).toEqual([]);
  });
});
