import { Client, escapeIdentifier } from "pg";
import type { Bus, BusAddress, BusHandler } from "./bus.ts";
import { type BusChannel, type WakeUp, withFollowers } from "./channels.ts";
import { Subscribers } from "./subscribers.ts";

const reconnectAfterMs = { first: 100, max: 5_000 };

/** The bus over one connection of its own, because LISTEN belongs to a connection. */
export async function openPostgresBus(address: BusAddress): Promise<Bus> {
  const bus = new PostgresBus(address);
  await bus.connect();
  return bus;
}

interface Batch {
  readonly wakeUps: Map<string, WakeUp>;
  readonly sent: Promise<void>;
}

class PostgresBus implements Bus {
  private readonly address: BusAddress;
  private readonly subscribers = new Subscribers();
  private client: Client | null = null;
  private line: Promise<void> = Promise.resolve();
  private batch: Batch | null = null;
  private isClosed = false;
  private reconnectTimer: NodeJS.Timeout | undefined;

  constructor(address: BusAddress) {
    this.address = address;
  }

  async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.address.databaseUrl,
      application_name: "mailstead-bus",
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5_000,
    });
    client.on("notification", ({ channel, payload }) => this.subscribers.deliver(channel, payload ?? ""));
    client.on("error", (problem) => this.lose(client, problem));
    client.on("end", () => this.lose(client, new Error("The bus lost its connection to Postgres.")));
    await client.connect();
    if (this.isClosed) return client.end();
    // From here on a new subscription listens by itself, so none falls between this list and the connection.
    this.client = client;
    for (const channel of this.subscribers.channels) await this.listen(channel);
  }

  /** What is asked for while a statement runs goes out together in the next one, each wake-up once. */
  async publish(channel: BusChannel, payload: string): Promise<void> {
    this.batch ??= this.openBatch();
    for (const wakeUp of withFollowers(channel, payload))
      this.batch.wakeUps.set(`${wakeUp.channel} ${wakeUp.payload}`, wakeUp);
    await this.batch.sent;
  }

  async subscribe(channel: BusChannel, handler: BusHandler) {
    this.subscribers.add(channel, handler);
    // Without a connection the channel is listened to when it stands again. To listen twice is the same as once, and
    // whoever comes second must not be told that it hears before the first one does.
    await this.listen(channel);
    return { close: () => this.unsubscribe(channel, handler) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.reconnectTimer);
    const client = this.client;
    this.client = null;
    await client?.end();
  }

  private openBatch(): Batch {
    const wakeUps: Batch["wakeUps"] = new Map();
    const sent = this.inLine(async (client) => {
      this.batch = null;
      const all = [...wakeUps.values()];
      try {
        if (!client) throw new Error("The bus has no connection to Postgres at the moment.");
        await client.query(
          "select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as t (channel, payload)",
          [all.map(({ channel }) => channel), all.map(({ payload }) => payload)],
        );
      } catch (cause) {
        const channels = all.map(({ channel }) => channel).join(", ");
        this.address.onProblem?.(new Error(`A wake-up for ${channels} was not sent.`, { cause }));
      }
    });
    return { wakeUps, sent };
  }

  private async unsubscribe(channel: BusChannel, handler: BusHandler): Promise<void> {
    if (!this.subscribers.remove(channel, handler)) return;
    await this.inLine(async (client) => {
      // Somebody may have come in the meantime.
      if (client && !this.subscribers.has(channel))
        await this.ask(client, `unlisten ${escapeIdentifier(channel)}`);
    });
  }

  private listen(channel: BusChannel): Promise<void> {
    return this.inLine(async (client) => {
      if (client && this.subscribers.has(channel))
        await this.ask(client, `listen ${escapeIdentifier(channel)}`);
    });
  }

  /** A connection that breaks under a statement fails nobody: the next one listens to every channel anew. */
  private async ask(client: Client, statement: string): Promise<void> {
    try {
      await client.query(statement);
    } catch (cause) {
      if (this.client === client) this.lose(client, asError(cause));
    }
  }

  /** A connection runs one statement at a time; each waits for the one before it, however that ended. */
  private inLine(work: (client: Client | null) => Promise<void>): Promise<void> {
    const done = this.line.then(() => work(this.client));
    this.line = done.catch(() => undefined);
    return done;
  }

  private lose(client: Client, problem: Error): void {
    if (this.isClosed || this.client !== client) return;
    this.client = null;
    this.address.onProblem?.(problem);
    client.end().catch((cause: unknown) => this.address.onProblem?.(asError(cause)));
    this.reconnect(reconnectAfterMs.first);
  }

  private reconnect(afterMs: number): void {
    clearTimeout(this.reconnectTimer);
    if (this.isClosed) return;
    this.reconnectTimer = setTimeout(async () => {
      try {
        await this.connect();
        this.subscribers.deliverToAll("");
      } catch (cause) {
        this.address.onProblem?.(asError(cause));
        this.reconnect(Math.min(afterMs * 2, reconnectAfterMs.max));
      }
    }, afterMs);
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
