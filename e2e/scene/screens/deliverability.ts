import type { Locator, Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

const numberIn = (text: string | null) => Number((text ?? "").replaceAll(/[^\d]/g, ""));

const daysShown = 30;

/** Reads yesterday at a receiver off the map and adds up what the page says that it is made of. */
export async function addUpYesterday(page: Page, receiver: string): Promise<void> {
  await page.goto("/deliverability");
  const map = page.getByRole("table", { name: "Day by day" });
  await map
    .getByRole("row", { name: new RegExp(`^${receiver}`) })
    .getByRole("button")
    .nth(daysShown - 2)
    .click();
  const sentence = page.getByText(new RegExp(`^${receiver}, .*message`)).last();
  const [, messages] = /(\d[\d,]*) messages?/.exec(await sentence.innerText()) ?? [];
  await page.getByRole("button", { name: "What it is made of" }).click();
  const senders = page.getByRole("table", { name: "Who sent" });
  await expectPage
    .poll(() => sumOf(senders.locator("tbody tr td:nth-child(2)")))
    .toBe(numberIn(messages ?? ""));
  await senders.getByRole("link").first().click();
  await page.waitForURL(/\/servers\/[0-9a-f-]{36}\/deliverability/);
}

/** Walks a chart by keyboard, beside the time before, and returns its days as CSV. */
export async function walkChart(page: Page): Promise<readonly string[]> {
  await page.goto("/deliverability?view=chart&compare=1&provider=outlook");
  await expectPage(page.getByRole("heading", { level: 1 })).toHaveText("Deliverability at Outlook.com");
  const chart = page.getByRole("slider", { name: "Day by day" });
  await chart.focus();
  await page.keyboard.press("End");
  const last = await chart.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowLeft");
  await expectPage(chart).not.toHaveAttribute("aria-valuetext", last ?? "");
  await expectPage(chart).toHaveAttribute("aria-valuetext", /\d%.*before it: \d/);
  const href = await page.getByRole("link", { name: "Export these days as CSV" }).getAttribute("href");
  return (await (await page.request.get(href ?? "")).text()).trim().split("\r\n");
}

/** Opens the sender who writes in the name of most domains, and adds up the rows of reports behind its number. */
export async function addUpSender(page: Page, sender: string): Promise<void> {
  await page.goto("/deliverability/senders?span=week");
  const row = page.getByRole("row").filter({ hasText: sender });
  const failed = numberIn(await row.locator("td").nth(4).innerText());
  await row.getByRole("button", { name: /details/i }).click();
  await page.getByRole("button", { name: "The reports behind it" }).click();
  const reports = page.getByRole("table", { name: "The reports behind it" });
  await expectPage.poll(() => sumOf(reports.locator("tbody tr td:nth-child(5)"))).toBe(failed);
}

/** What the cells add up to; nothing before the first is shown. */
async function sumOf(cells: Locator): Promise<number> {
  await expectPage(cells.first()).toBeVisible();
  return (await cells.allTextContents()).reduce((sum, text) => sum + numberIn(text), 0);
}
