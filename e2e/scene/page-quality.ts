import type { BrowserContext, Page } from "@playwright/test";

// A tenth of what web.dev calls a page that stays still: a page made for work holds the place of what it waits for.
export const layoutShiftMax = 0.01;

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
  /** True when an outline or a ring is there because of the focus and for no other reason. */
  readonly isVisible: boolean;
}

/** Presses Tab this often, or to the page's end, and tells where the focus was each time and whether it could be seen. */
export async function tabThrough(page: Page, presses: number): Promise<FocusStop[]> {
  const stops: FocusStop[] = [];
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement === document.body)) break;
    stops.push(await page.evaluate(readFocusStop));
  }
  return stops;
}

/** Runs in the page: compares what has the focus with the same element without it. */
function readFocusStop(): FocusStop {
  const element = document.activeElement ?? document.body;
  const label = element.getAttribute("aria-label") ?? element.textContent ?? "";
  // A control that lies invisibly in its label is marked by the label around it.
  const marked = [element, element.closest("label")].filter((each) => each !== null);
  const read = () =>
    marked.map((each) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(each);
      const hasOutline =
        outlineStyle !== "none" &&
        Number.parseFloat(outlineWidth) >= 1 &&
        !/^rgba\(.*, 0\)$|\/ 0\)$/.test(outlineColor);
      return { outline: hasOutline ? `${outlineStyle} ${outlineWidth} ${outlineColor}` : "", boxShadow };
    });
  const focused = read();
  if (element instanceof HTMLElement) element.blur();
  const unfocused = read();
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
  const isVisible = focused.some(
    ({ outline, boxShadow }, at) =>
      (outline !== "" && outline !== unfocused[at]?.outline) || boxShadow !== unfocused[at]?.boxShadow,
  );
  return { name: `${element.tagName.toLowerCase()} ${label.trim().slice(0, 60)}`, isVisible };
}

/** The links to the page that is shown that their own bar, which is wider than the page, does not show. */
export function readTabsOutOfView(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("nav a[aria-current=page]")]
      .filter((link) => {
        const bar = link.closest("nav");
        if (bar === null || bar.scrollWidth <= bar.clientWidth) return false;
        const [own, around] = [link.getBoundingClientRect(), bar.getBoundingClientRect()];
        return own.left < around.left || own.right > around.right;
      })
      .map((link) => link.textContent ?? ""),
  );
}
