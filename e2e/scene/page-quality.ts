import type { BrowserContext, Page } from "@playwright/test";

interface Watched {
  layoutShift: number;
  shifted: string[];
}

/** Makes every page of this context add up how far its content jumps without the person having done anything. */
export async function watchLayout(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const watched: Watched = { layoutShift: 0, shifted: [] };
    Object.assign(window, { watched });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources?: { node?: Node }[];
      })[]) {
        if (entry.hadRecentInput) continue;
        watched.layoutShift += entry.value;
        for (const { node } of entry.sources ?? [])
          if (node instanceof Element) watched.shifted.push(node.outerHTML.slice(0, 120));
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

/** How far the page's content has jumped since it was loaded (Chromium's cumulative layout shift), and what jumped. */
export function readLayoutShift(page: Page): Promise<{ layoutShift: number; shifted: string[] }> {
  return page.evaluate(() => (window as unknown as { watched: Watched }).watched);
}

/** How many pixels of the page lie beyond its right edge. */
export function readOverflowPx(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return Math.max(0, scrollWidth - clientWidth);
  });
}

export interface FocusStop {
  /** Role or tag and accessible text of what has the focus. */
  readonly name: string;
  readonly isVisible: boolean;
}

/** Presses Tab this often and tells where the focus was each time and whether it could be seen. */
export async function tabThrough(page: Page, presses: number): Promise<FocusStop[]> {
  const stops: FocusStop[] = [];
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press("Tab");
    stops.push(
      await page.evaluate(() => {
        const element = document.activeElement ?? document.body;
        const style = getComputedStyle(element);
        const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
        const isMarked =
          (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) > 0) ||
          style.boxShadow !== "none";
        return { name: `${element.tagName.toLowerCase()} ${label.trim().slice(0, 60)}`, isVisible: isMarked };
      }),
    );
  }
  return stops;
}
