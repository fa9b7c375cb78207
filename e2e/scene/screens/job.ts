import type { Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

/** Waits on a job's page until the job has ended, as the page says it. Throws with what went wrong otherwise. */
export async function untilJobSucceeded(page: Page, timeoutMs = 300_000): Promise<void> {
  const problem = page.getByRole("alert").filter({ hasText: "What went wrong" });
  const isDone = page.locator("header, main").getByText("Succeeded", { exact: true }).first();
  await expectPage(isDone.or(problem).first()).toBeVisible({ timeout: timeoutMs });
  if (await problem.isVisible()) throw new Error(`The job failed: ${await problem.innerText()}`);
}

/** Waits until the job has failed and returns what the page says went wrong. */
export async function untilJobFailed(page: Page, timeoutMs = 180_000): Promise<string> {
  const problem = page.getByRole("alert").filter({ hasText: "What went wrong" });
  await expectPage(problem).toBeVisible({ timeout: timeoutMs });
  return problem.innerText();
}

/** Asks for the job that is shown once more, and ends on the page of the new one. */
export async function retryJob(page: Page): Promise<void> {
  const before = page.url();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForURL((url) => url.href !== before);
}

/** The lines of the log as shown, each with the number that the agent gave it. */
export async function readLog(page: Page): Promise<{ number: number; text: string }[]> {
  const log = page.getByRole("log");
  await expectPage(log).toBeVisible();
  return log.locator("[data-number]").evaluateAll((rows) =>
    rows.map((row) => ({
      number: Number(row.getAttribute("data-number")),
      text: row.lastElementChild?.textContent ?? "",
    })),
  );
}

/** Titles of the steps with the word for what became of each. */
export async function readSteps(page: Page): Promise<string[]> {
  return page.getByRole("main").getByRole("listitem").allInnerTexts();
}
