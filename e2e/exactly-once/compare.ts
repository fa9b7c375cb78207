import { DatabaseSync } from "node:sqlite";
import type { MailTraffic } from "./mail-traffic.ts";
import type { TellingScene } from "./scene.ts";
import { keyOf, type Period, periods, type Sum, sumUp, type TrueAttempt } from "./truth.ts";

/** Everything that was looked at, and each difference from the truth as a sentence. */
export interface Comparison {
  readonly rows: Record<Period, number>;
  readonly attempts: number;
  readonly sketched: number;
  readonly samples: number;
  readonly batches: number;
  readonly indexedMessages: number;
  readonly differences: readonly string[];
}

/** Compares what the control plane stored and what the host indexed with what the mail log meant. */
export async function compareWithTruth(scene: TellingScene, traffic: MailTraffic): Promise<Comparison> {
  const differences: string[] = [];
  const rows = { minutes: 0, hours: 0, days: 0 };
  let attempts = 0;
  let sketched = 0;
  for (const period of Object.keys(periods) as Period[]) {
    const stored = await readSums(scene, period);
    rows[period] = stored.size;
    differences.push(...compareSums(period, sumUp(traffic.attempts, period), stored));
    if (period !== "minutes") continue;
    for (const sum of stored.values()) {
      attempts += sum.attempts;
      for (const count of Object.values(sum.latencies)) sketched += count;
    }
  }
  const samples = await compareSamples(scene, traffic.attempts, differences);
  const batches = await compareSequence(scene, differences);
  const indexedMessages = compareIndex(scene, traffic, differences);
  return { rows, attempts, sketched, samples, batches, indexedMessages, differences };
}

interface CountRow {
  readonly starts_at: Date;
  readonly direction: string;
  readonly domain: string;
  readonly sending_address: string;
  readonly provider: string;
  readonly status: string;
  readonly category: string;
  readonly attempts: string;
  readonly first_attempts: string;
  readonly over_tls: string;
  readonly size_bytes: string;
  readonly latencies: Record<string, number>;
}

async function readSums(scene: TellingScene, period: Period): Promise<Map<string, Sum>> {
  const { rows } = await scene.database.admin.pool.query<CountRow>(`select * from delivery_${period}`);
  return new Map(
    rows.map((row) => [
      keyOf({ ...row, startsAt: row.starts_at.getTime(), sendingAddress: row.sending_address }),
      {
        attempts: Number(row.attempts),
        firstAttempts: Number(row.first_attempts),
        overTls: Number(row.over_tls),
        sizeBytes: Number(row.size_bytes),
        latencies: row.latencies,
      },
    ]),
  );
}

function compareSums(period: Period, meant: Map<string, Sum>, stored: Map<string, Sum>): string[] {
  const found: string[] = [];
  for (const key of new Set([...meant.keys(), ...stored.keys()])) {
    const [one, other] = [textOf(meant.get(key)), textOf(stored.get(key))];
    if (one !== other) found.push(`${period}: ${key}: meant ${one}, stored ${other}`);
  }
  return found;
}

function textOf(sum: Sum | undefined): string {
  if (sum === undefined) return "nothing";
  const latencies = Object.entries(sum.latencies).sort(([one], [other]) => Number(one) - Number(other));
  return JSON.stringify({ ...sum, latencies });
}

/** Each reply was said once, so each sample stands once at most, and says what was said when. */
async function compareSamples(
  scene: TellingScene,
  attempts: readonly TrueAttempt[],
  differences: string[],
): Promise<number> {
  const said = new Map(
    attempts.flatMap(({ reply, at, domain, provider, category }) =>
      reply === null ? [] : [[reply, `${at} ${domain} ${provider ?? ""} ${category}`]],
    ),
  );
  const { rows } = await scene.database.admin.pool.query<{
    said_at: Date;
    domain: string;
    provider: string;
    category: string;
    reply: string;
  }>("select said_at, domain, provider, category, reply from reply_samples where category <> 'connection'");
  for (const row of rows) {
    const told = `${row.said_at.getTime()} ${row.domain} ${row.provider} ${row.category}`;
    if (said.get(row.reply) !== told) differences.push(`samples: ${row.reply}: told ${told}`);
    said.delete(row.reply);
  }
  if (rows.length === 0 && said.size > 0) differences.push("samples: none was stored");
  return rows.length;
}

/** Every number that the host gave out was stored, in its one epoch, and every batch was read. */
async function compareSequence(scene: TellingScene, differences: string[]): Promise<number> {
  const { rows } = await scene.database.admin.pool.query<{ sequence: string; unread_batches: number }>(
    "select sequence, unread_batches from telemetry_streams where stream = 'delivery'",
  );
  const given = withHostStore(scene, (store) => Number(factOf(store, "next delivery")) - 1);
  const [stored] = rows;
  if (rows.length !== 1 || Number(stored?.sequence) !== given || stored?.unread_batches !== 0)
    differences.push(`sequence: the host gave ${given}, stored is ${JSON.stringify(rows)}`);
  return given;
}

/** Each message stands in the host's index once, with each of its attempts once. */
function compareIndex(scene: TellingScene, traffic: MailTraffic, differences: string[]): number {
  const found = withHostStore(scene, (store) => ({
    messages: Number(
      store.prepare("select count(*) as count from trace_messages where queue_id is not null").get()?.[
        "count"
      ],
    ),
    attempts: Number(
      store
        .prepare(`select count(*) as count from trace_events where body like '%"kind":"attempt"%'`)
        .get()?.["count"],
    ),
    followed: Number(store.prepare("select count(*) as count from messages").get()?.["count"]),
  }));
  const meant = { messages: traffic.messageCount, attempts: traffic.attempts.length, followed: 0 };
  for (const what of ["messages", "attempts", "followed"] as const)
    if (found[what] !== meant[what])
      differences.push(`the host's index: ${what}: meant ${meant[what]}, found ${found[what]}`);
  return found.messages;
}

/** Looks into the file of the agent's telemetry. */
export function withHostStore<T>(scene: TellingScene, look: (store: DatabaseSync) => T): T {
  const store = new DatabaseSync(scene.agent.storePath, { readOnly: true });
  try {
    store.exec("pragma busy_timeout = 5000");
    return look(store);
  } finally {
    store.close();
  }
}

/** A text that the agent keeps by its name. */
export function factOf(store: DatabaseSync, name: string): string | null {
  const value = store.prepare("select value from facts where name = ?").get(name)?.["value"];
  return typeof value === "string" ? value : null;
}
