import { openBus, rolloutsChannel, serverChannel } from "@mailstead/services/bus";
import type { BrowserContext, Page } from "@playwright/test";
import { missingForBrowser, openBrowser, wide } from "../scene/browser.ts";
import { type Bench, type Measure, quantile } from "./measure.ts";
import { password } from "./pages/people.ts";
import { serveWeb, signIn, whyNoWeb } from "./pages/serve-web.ts";
import { type LargeFleet, openLargeFleet, owner } from "./screens/open-large-fleet.ts";
import { type Watched, watchDuring, watchLongTasks } from "./screens/watch-page.ts";

const answersAimMs = 300;
const watchMs = 20_000;
const changeEveryMs = 250;

/**
 * How the list of servers and the page of a rollout feel with ten thousand servers: both in a real browser, scrolled from end to
 * end while servers change. `--servers=N` makes fewer of them.
 */
export const screensBench: Bench = {
  name: "screens",
  isOnRequest: true,
  whyNot: whyNoWeb,
  async run(log) {
    const [missing] = await missingForBrowser();
    if (missing !== undefined) throw new Error(missing);
    const servers = Number(flag("servers") ?? 10_000);
    const fleet = await openLargeFleet(servers);
    log(`${servers} servers`);
    const web = await serveWeb(fleet.adminUrl);
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ viewport: wide });
      await signInTo(context, web.url);
      const page = await context.newPage();
      await watchLongTasks(page);
      return [
        ...(await measureList(page, { url: web.url, fleet, servers })),
        ...(await measureRollout(page, { url: web.url, fleet })),
      ];
    } finally {
      await browser.close();
      await web.stop();
      await fleet.close();
    }
  },
};

interface Subject {
  readonly url: string;
  readonly fleet: LargeFleet;
}

async function measureList(
  page: Page,
  { url, fleet, servers }: Subject & { servers: number },
): Promise<Measure[]> {
  const opens = await measureOpening(page, `${url}/servers?all=1`, "tr[data-row]");
  const byState = await measureOpening(page, `${url}/servers?sort=state`, "tr[data-row]");
  await page.goto(`${url}/servers?all=1`);
  await page.locator("tr[data-row]").first().waitFor();
  const { rows } = await fleet.admin.query<{ id: string }>("select id from servers order by name limit 50");
  const watched = await watchDuring(page, () =>
    withChanges(
      fleet,
      async (bus, step) => {
        const id = rows[step % rows.length]?.id ?? "";
        await fleet.admin.query("update servers set last_seen_at = now() where id = $1", [id]);
        await bus.publish(serverChannel(id), "");
      },
      () => scrollToTheEnd(page),
    ),
  );
  return [
    ...measuresOf(`list of ${servers} servers`, watched),
    opening("list of servers opens", opens),
    opening("list of servers by state opens", byState),
  ];
}

async function measureRollout(page: Page, { url, fleet }: Subject): Promise<Measure[]> {
  const path = `${url}/rollouts/${fleet.rolloutId}`;
  const opens = await measureOpening(page, path, "[data-at]");
  const watched = await watchDuring(page, () =>
    withChanges(
      fleet,
      async (bus, step) => {
        await fleet.admin.query(
          `update rollout_members set state = (array['checking', 'succeeded', 'failed'])[$2 % 3 + 1], state_since = now()
          where rollout_id = $1 and position % 200 = $2 % 200 and wave = 3
            and server_id not in (select server_id from rollout_members where state = 'checking')`,
          [fleet.rolloutId, step],
        );
        await bus.publish(rolloutsChannel(fleet.organisationId), "");
      },
      () => scrollToTheEnd(page),
    ),
  );
  return [...measuresOf("page of a rollout over them", watched), opening("page of the rollout opens", opens)];
}

const opensEach = 5;

async function measureOpening(page: Page, path: string, landmark: string): Promise<number[]> {
  const samples: number[] = [];
  for (let run = 0; run < opensEach; run++) {
    const begun = performance.now();
    await page.goto(path, { waitUntil: "commit" });
    samples.push(performance.now() - begun);
    await page.locator(landmark).first().waitFor();
  }
  return samples;
}

function opening(name: string, samples: readonly number[]): Measure {
  return {
    name: `${name}, p95`,
    unit: "ms",
    value: quantile(samples, 0.95),
    aim: null,
    runs: samples.length,
    note: "until the first byte",
  };
}

function measuresOf(name: string, { longTasks, answersMs, nodesMax }: Watched): Measure[] {
  const worst = Math.max(0, ...longTasks);
  return [
    {
      name: `${name}: answers while it is scrolled and changes, p95`,
      unit: "ms",
      value: answersMs.length === 0 ? null : quantile(answersMs, 0.95),
      aim: { kind: "at-most", value: answersAimMs },
      runs: answersMs.length,
    },
    {
      name: `${name}: longest task of the browser`,
      unit: "ms",
      value: worst,
      aim: null,
      runs: longTasks.length,
      note: `${longTasks.length} tasks over 50 ms in ${watchMs / 1000} s, ${Math.round(longTasks.reduce((sum, ms) => sum + ms, 0))} ms in all`,
    },
    { name: `${name}: elements in the page at most`, unit: "counts", value: nodesMax, aim: null, runs: 1 },
  ];
}

type Change = (bus: Awaited<ReturnType<typeof openBus>>, step: number) => Promise<void>;

/** Has something change again and again while `work` goes on. */
async function withChanges(
  { adminUrl }: LargeFleet,
  change: Change,
  work: () => Promise<void>,
): Promise<void> {
  const bus = await openBus({ databaseUrl: adminUrl });
  let isOver = false;
  const changing = (async () => {
    for (let step = 0; !isOver; step++) {
      await change(bus, step);
      await new Promise((resolve) => setTimeout(resolve, changeEveryMs));
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await changing;
    await bus.close();
  }
}

/** As a person who holds the wheel: down as far as it goes, and up again. */
async function scrollToTheEnd(page: Page): Promise<void> {
  const until = performance.now() + watchMs;
  await page.mouse.move(wide.width / 2, wide.height / 2);
  let by = 600;
  while (performance.now() < until) {
    await page.mouse.wheel(0, by);
    await page.waitForTimeout(30);
    if (performance.now() > until - watchMs / 4) by = -1200;
  }
}

async function signInTo(context: BrowserContext, url: string): Promise<void> {
  const cookie = await signIn(url, { email: owner.email, password });
  await context.addCookies(
    cookie.split("; ").map((pair) => {
      const at = pair.indexOf("=");
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url };
    }),
  );
}

function flag(name: string): string | null {
  const start = `--${name}=`;
  return process.argv.find((word) => word.startsWith(start))?.slice(start.length) ?? null;
}
