import type { Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

/** Searches for what somebody sent, and returns how long the answer took from the click to the screen. */
export async function traceSender(page: Page, from: string): Promise<{ text: string; tookMs: number }> {
  await page.goto("/trace");
  const search = page.getByRole("button", { name: "Search", exact: true });
  // What is typed before the page has come to life is not seen by it.
  await expectPage(async () => {
    await page.getByLabel("From", { exact: true }).fill(from);
    await expectPage(search).toBeEnabled({ timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  const clickedMs = performance.now();
  await search.click();
  const answer = page.getByText(/answered in/).first();
  await answer.waitFor();
  return { text: (await answer.textContent()) ?? "", tookMs: performance.now() - clickedMs };
}
