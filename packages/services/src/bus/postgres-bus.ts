import { Client, escapeIdentifier } from "pg";
import type { Bus, BusAddress, BusHandler } from "./bus.ts";
import type { BusChannel } from "./channels.ts";
import { Subscribers } from "./subscribers.ts";

const reconnectAfterMs = { first: 100, max: 5_000 };

/** The bus over one connection of its own, because LISTEN belongs to a connection. */
export async function openPostgresBus(address: BusAddress): Promise<Bus> {
  const bus = new PostgresBus(address);
  await bus.connect();
  return bus;
}

class PostgresBus implements Bus {
  private readonly address: BusAddress;
  private readonly subscribers = new Subscribers();
  private client: Client | null = null;
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
    for (const channel of this.subscribers.channels) await listen(client, channel);
  }

  async publish(channel: BusChannel, payload: string): Promise<void> {
    try {
      if (!this.client) throw new Error("The bus has no connection to Postgres at the moment.");
      await this.client.query("select pg_notify($1, $2)", [channel, payload]);
    } catch (cause) {
      this.address.onProblem?.(new Error(`A wake-up for ${channel} was not sent.`, { cause }));
    }
  }

  async subscribe(channel: BusChannel, handler: BusHandler) {
    // Without a connection the channel is listened to when it stands again.
    if (this.subscribers.add(channel, handler) && this.client) await listen(this.client, channel);
    return { close: () => this.unsubscribe(channel, handler) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.reconnectTimer);
    const client = this.client;
    this.client = null;
    await client?.end();
  }

  private async unsubscribe(channel: BusChannel, handler: BusHandler): Promise<void> {
    if (!this.subscribers.remove(channel, handler) || !this.client) return;
    await this.client.query(`unlisten ${escapeIdentifier(channel)}`);
    // Somebody may have come in the meantime, and LISTEN and UNLISTEN run in the order they were asked for.
    if (this.subscribers.has(channel)) await listen(this.client, channel);
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

async function listen(client: Client, channel: BusChannel): Promise<void> {
  await client.query(`listen ${escapeIdentifier(channel)}`);
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
