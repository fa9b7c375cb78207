import type { Page } from "@playwright/test";

/** Searches for what somebody sent, and returns how long the answer took from the click to the screen. */
export async function traceSender(page: Page, from: string): Promise<{ text: string; tookMs: number }> {
  await page.goto("/trace");
  await page.getByLabel("From", { exact: true }).fill(from);
  const clickedMs = performance.now();
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const answer = page.getByText(/answered in/).first();
  await answer.waitFor();
  return { text: (await answer.textContent()) ?? "", tookMs: performance.now() - clickedMs };
}
