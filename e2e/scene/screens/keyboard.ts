import type { Locator, Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

const pressesMax = 80;

/** Presses Tab until this has the focus, as somebody without a mouse does. Fails when the Tab key never gets there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let press = 0; press < pressesMax; press += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expectPage(target).toBeFocused();
}
