import type { Page, Request } from "@playwright/test";

/** What a page made its person wait for while it was watched. */
export interface Watched {
  readonly longTasks: readonly number[];
  readonly answersMs: readonly number[];
  readonly nodesMax: number;
}

/** Counts long tasks from the first script on; called before the page is opened. */
export async function watchLongTasks(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { benchTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask", buffered: true });
  });
}

/** Watches a page while `work` goes on: tasks over 50 ms, how long its questions took, and how large it became. */
export async function watchDuring(page: Page, work: () => Promise<void>): Promise<Watched> {
  const answersMs: number[] = [];
  const onDone = (request: Request) => {
    if (request.url().includes("/api/trpc/") && !request.url().includes("live."))
      answersMs.push(request.timing().responseEnd);
  };
  page.on("requestfinished", onDone);
  await page.evaluate("window.benchTasks.length = 0");
  let nodesMax = 0;
  let isOver = false;
  const counting = (async () => {
    while (!isOver) {
      nodesMax = Math.max(nodesMax, await page.evaluate("document.getElementsByTagName('*').length"));
      await page.waitForTimeout(500);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await counting;
    page.off("requestfinished", onDone);
  }
  const longTasks = await page.evaluate<number[]>("[...window.benchTasks]");
  return { longTasks, answersMs, nodesMax };
}
