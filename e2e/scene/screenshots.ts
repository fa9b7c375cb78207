import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { narrow, wide } from "./browser.ts";

export const screenshotFolder = join(import.meta.dirname, "..", "screenshots");

// They are for people to look at, and what a CI machine makes is thrown away with it.
const isLookedAt = process.env["CI"] !== "true";

/** Photographs a screen wide and narrow, light and dark, and leaves the page as it was. On a CI machine it takes none. */
export async function photograph(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: "reduce" });
  if (!isLookedAt) return;
  await mkdir(screenshotFolder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [label, viewport] of [
      ["wide", wide],
      ["narrow", narrow],
    ] as const) {
      await page.setViewportSize(viewport);
      await page.screenshot({ path: join(screenshotFolder, `${name}-${label}-${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(wide);
}
