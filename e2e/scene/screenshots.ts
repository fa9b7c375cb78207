import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { narrow, wide } from "./browser.ts";

export const screenshotFolder = join(import.meta.dirname, "..", "screenshots");

/** Photographs a screen wide and narrow, light and dark, and leaves the page as it was. */
export async function photograph(page: Page, name: string): Promise<void> {
  await mkdir(screenshotFolder, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
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
