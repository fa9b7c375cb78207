import type { Page } from "@playwright/test";
import { expect } from "vitest";
import { expectPage } from "../expect-page.ts";

const numberIn = (text: string | null) => Number((text ?? "").replaceAll(/[^\d]/g, ""));

/** Reads the newest day at a receiver off the map and adds up what the page says that it is made of. */
export async function addUpNewestDay(page: Page, receiver: string): Promise<void> {
  await page.goto("/deliverability");
  const map = page.getByRole("table", { name: "Day by day" });
  await map
    .getByRole("row", { name: new RegExp(`^${receiver}`) })
    .getByRole("button")
    .last()
    .click();
  const sentence = page.getByText(new RegExp(`^${receiver}, .*message`)).last();
  const [, messages] = /(\d[\d,]*) messages?/.exec(await sentence.innerText()) ?? [];
  await page.getByRole("button", { name: "What it is made of" }).click();
  const senders = page.getByRole("table", { name: "Who sent" });
  await expectPage(senders).toBeVisible();
  const counts = await senders.locator("tbody tr td:nth-child(2)").allTextContents();
  expect(counts.reduce((sum, text) => sum + numberIn(text), 0)).toBe(numberIn(messages ?? ""));
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
  expect(last).toMatch(/\d%.*before it: /);
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
  await expectPage(reports).toBeVisible();
  const counts = await reports.locator("tbody tr td:nth-child(5)").allTextContents();
  expect(counts.reduce((sum, text) => sum + numberIn(text), 0)).toBe(failed);
}
