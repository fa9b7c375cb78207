import { Client } from "pg";
import { type Bench, type Measure, median, quantile } from "./measure.ts";
import type { Ask } from "./pages/ask.ts";
import { asksOf } from "./pages/asks.ts";
import { keepSums } from "./pages/keep-sums.ts";
import { openFleet } from "./pages/open-fleet.ts";
import { makePeople, type Person, password, peopleOf } from "./pages/people.ts";
import { readSubjects } from "./pages/read-subjects.ts";
import { serveWeb, signIn, whyNoWeb } from "./pages/serve-web.ts";
import { promisedSize } from "./pages/size.ts";

const aimMs = 300;
const runsEach = Number(flag("runs") ?? 30);

/**
 * How long the pages about deliverability take with a hundred million rows of minutes, as the built dashboard serves them to
 * somebody who is signed in. `--rows=N` makes fewer rows, `--folder=DIR` keeps the database there and finds it again,
 * `--only=WORDS` measures what has these words in its name, `--runs=N` that often.
 */
export const pagesBench: Bench = {
  name: "pages",
  isOnRequest: true,
  whyNot: whyNoWeb,
  async run(log) {
    const size = { ...promisedSize, minuteRows: Number(flag("rows") ?? promisedSize.minuteRows) };
    const fleet = await openFleet(size, { folder: flag("folder"), log });
    log(`${fleet.minuteRows} rows of minutes`);
    try {
      const people = peopleOf(size);
      const admin = new Client({ connectionString: fleet.adminUrl });
      await admin.connect();
      await makePeople(admin, people);
      await keepSums(fleet.adminUrl, log);
      const web = await serveWeb(fleet.adminUrl);
      try {
        const measures: Measure[] = [
          { name: "rows of minutes", unit: "rows", value: fleet.minuteRows, aim: null, runs: 1 },
          ...(await measureSizes(admin)),
        ];
        for (const person of people) {
          const cookie = await signIn(web.url, { email: person.email, password });
          for (const ask of asksOf(await readSubjects(admin, person, runsEach)).filter(isWanted)) {
            const measure = await measureAsk({ url: web.url, cookie, person, ask });
            measures.push(measure);
            log(`${measure.name}: ${measure.value?.toFixed(0)} ms (${measure.note})`);
          }
        }
        return measures;
      } finally {
        await admin.end();
        await web.stop();
      }
    } finally {
      await fleet.close();
    }
  },
};

function flag(name: string): string | null {
  const start = `--${name}=`;
  return process.argv.find((word) => word.startsWith(start))?.slice(start.length) ?? null;
}

function isWanted({ name }: Ask): boolean {
  const only = flag("only");
  return only === null || name.includes(only);
}

async function measureAsk({
  url,
  cookie,
  person,
  ask,
}: {
  url: string;
  cookie: string;
  person: Person;
  ask: Ask;
}): Promise<Measure> {
  const get = async (path: string): Promise<number> => {
    const begunAt = performance.now();
    const response = await fetch(`${url}${path}`, { headers: { cookie }, redirect: "manual" });
    const text = await response.text();
    const tookMs = performance.now() - begunAt;
    if (response.status !== 200)
      throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return tookMs;
  };
  const path = (run: number) => ask.paths[run % ask.paths.length] ?? "";
  const isOne = ask.paths.length === 1;
  const first = isOne ? await get(path(0)) : null;
  const samples: number[] = [];
  for (let run = 0; run < runsEach; run++) samples.push(await get(path(run)));
  const range = ask.range === "" ? "" : `, ${ask.range}`;
  return {
    name: `${person.title}: ${ask.name}${range}, p95`,
    unit: "ms",
    value: quantile(samples, 0.95),
    aim: { kind: "at-most", value: aimMs },
    runs: samples.length,
    note: `p50 ${median(samples).toFixed(0)} ms, max ${Math.max(...samples).toFixed(0)} ms, ${first === null ? "each for the first time" : `the first time ${first.toFixed(0)} ms`}`,
  };
}

/** What a row of minutes takes of the disk. */
async function measureSizes(admin: Client): Promise<Measure[]> {
  const { rows } = await admin.query<{ heap: string; indexes: string }>(
    `select sum(pg_table_size(inhrelid)) as heap, sum(pg_indexes_size(inhrelid)) as indexes from pg_inherits
      where inhparent = 'delivery_minutes'::regclass`,
  );
  const mebibytes = (bytes: string | undefined) => Number(bytes) / 2 ** 20;
  return [
    { name: "table of minutes", unit: "MiB", value: mebibytes(rows[0]?.heap), aim: null, runs: 1 },
    { name: "its indexes", unit: "MiB", value: mebibytes(rows[0]?.indexes), aim: null, runs: 1 },
  ];
}
