import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findBarriers } from "../scene/accessibility.ts";
import { narrow, wide } from "../scene/browser.ts";
import { type Demo, openDemo } from "../scene/demo.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { readOverflowPx } from "../scene/page-quality.ts";
import { photograph } from "../scene/screenshots.ts";

/** Findings of the demo that are photographed, by what their sentence says. */
const photographed: readonly (readonly [name: string, sentence: RegExp])[] = [
  ["account-held", /is held: it cannot send/],
  ["account-suspicious", /sends unlike itself\./],
  ["block-list", /is on the block list Barracuda/],
  ["measure", /was prolonged once/],
  ["fleet", /began to defer 7 servers/],
  ["certificate", /^The certificate of/],
];

describeInBrowser("the findings of the demo fleet and their runbooks, on a screen", () => {
  let demo: Demo;
  let page: Page;
  beforeAll(async () => {
    demo = await openDemo();
    page = demo.page;
  });
  afterAll(() => demo.close());

  const expectNoBarriers = async () => expect(await findBarriers(page)).toEqual([]);
  const fits = async () => {
    await page.setViewportSize(narrow);
    expect(await readOverflowPx(page)).toBe(0);
    await page.setViewportSize(wide);
  };

  it("shows of each what it means, whose it is, what to do, the evidence, its history, and its part of a runbook", async () => {
    const hrefs = await linksOfHome(page);
    const seen = new Set<string>();
    for (const href of hrefs) {
      await page.goto(href);
      const main = page.getByRole("main");
      const sentence = await main.getByRole("heading", { level: 1 }).innerText();
      // What is settled asks nothing of anybody.
      if (await main.getByText("Settled", { exact: true }).first().isVisible()) continue;
      for (const title of ["What it means", "What to do", "Evidence", "When it is over", "History"])
        await expectPage(main.getByRole("heading", { name: title, exact: true })).toBeVisible();
      await expectPage(main.getByText("Whose to mend")).toBeVisible();
      const text = await main.innerText();
      expect(text, sentence).not.toMatch(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\{at:/);
      const found = photographed.find(([name, words]) => words.test(sentence) && !seen.has(name));
      if (found !== undefined) {
        seen.add(found[0]);
        await expectNoBarriers();
        await fits();
        await photograph(page, `demo-finding-${found[0]}`);
      }
      const runbook = await main.getByRole("link", { name: "Step by step" }).getAttribute("href");
      const [path = "", part = ""] = (runbook ?? "").split("#");
      const html = await (await page.request.get(path)).text();
      expect(html, `${sentence} ${runbook}`).toContain(`id="${part}"`);
    }
    expect([...seen]).toEqual(expect.arrayContaining(["account-held", "block-list", "fleet"]));
  });

  it("leads from a finding to its part of a runbook, which is there to be read and searched", async () => {
    await page.goto("/runbooks");
    await expectNoBarriers();
    await fits();
    await photograph(page, "demo-runbooks");
    await page.getByRole("link", { name: "Gmail objects" }).click();
    await page.waitForURL(/\/runbooks\/gmail$/);
    await expectPage(page.getByRole("heading", { level: 2, name: "rate-limit" })).toBeVisible();
    await expectNoBarriers();
    await fits();
    await photograph(page, "demo-runbook");
    await page.goto("/runbooks/dns-checks#service-down");
    await expectPage(page.locator("#service-down")).toBeInViewport();
    await page.goto("/runbooks/feeds");
    await expectNoBarriers();
    await fits();
    await photograph(page, "demo-runbook-table");
    // The page has begun by then, so its status says nothing; what it shows does.
    await page.goto("/runbooks/database");
    await expectPage(page.getByText("There is nothing here")).toBeVisible();
    expect(await page.getByRole("main").innerText()).not.toMatch(/postgres/i);
  });
});

/** The addresses of all findings that Home leads to, once every list is shown whole. */
async function linksOfHome(page: Page): Promise<readonly string[]> {
  // The worker keeps what hosts tell as findings some moments after they told it.
  await expectPage(async () => {
    await page.goto("/");
    await expectPage(
      page.getByRole("link").filter({ hasText: "is held: it cannot send" }).first(),
    ).toBeVisible();
  }).toPass({ timeout: 180_000 });
  for (const more of await page.getByRole("button", { name: /^Show \d+ more$/ }).all()) await more.click();
  const links = page.locator('main a[href^="/findings/"]');
  const all = await links.evaluateAll((elements) => elements.map((one) => one.getAttribute("href") ?? ""));
  return [...new Set(all)];
}
