import { Redis } from "ioredis";
import type { Bus, BusAddress, BusHandler } from "./bus.ts";
import { type BusChannel, withFollowers } from "./channels.ts";
import { Subscribers } from "./subscribers.ts";

const prefix = "mailstead:bus:";
const reconnectAfterMs = { step: 100, max: 5_000 };

/** The bus over Redis: one connection that publishes, one that listens, because a listening one can do nothing else. */
export async function openRedisBus(address: BusAddress): Promise<Bus> {
  const bus = new RedisBus(address);
  await bus.connect();
  return bus;
}

class RedisBus implements Bus {
  private readonly address: BusAddress;
  private readonly subscribers = new Subscribers();
  private readonly sender: Redis;
  private readonly listener: Redis;
  private isClosed = false;

  constructor(address: BusAddress) {
    this.address = address;
    const options = {
      lazyConnect: true,
      // A wake-up that waits for a dead Redis is worth nothing, so it fails at once and the sweep takes over.
      enableOfflineQueue: false,
      retryStrategy: (attempt: number) => Math.min(attempt * reconnectAfterMs.step, reconnectAfterMs.max),
    };
    this.sender = new Redis(address.redisUrl ?? "", options);
    this.listener = new Redis(address.redisUrl ?? "", { ...options, autoResubscribe: false });
  }

  async connect(): Promise<void> {
    for (const connection of [this.sender, this.listener])
      connection.on("error", (problem) => this.address.onProblem?.(problem));
    this.listener.on("message", (channel, payload) =>
      this.subscribers.deliver(channel.slice(prefix.length), payload),
    );
    await Promise.all([this.sender.connect(), this.listener.connect()]);
    this.listener.on("ready", () => void this.resubscribe());
  }

  async publish(channel: BusChannel, payload: string): Promise<void> {
    try {
      await Promise.all(
        withFollowers(channel, payload).map((wakeUp) =>
          this.sender.publish(prefix + wakeUp.channel, wakeUp.payload),
        ),
      );
    } catch (cause) {
      this.address.onProblem?.(new Error(`A wake-up for ${channel} was not sent.`, { cause }));
    }
  }

  async subscribe(channel: BusChannel, handler: BusHandler) {
    this.subscribers.add(channel, handler);
    // To listen twice is the same as once, and whoever comes second must not be told that it hears before the first.
    await this.listen(channel);
    return { close: () => this.unsubscribe(channel, handler) };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.sender.disconnect();
    this.listener.disconnect();
  }

  private async unsubscribe(channel: BusChannel, handler: BusHandler): Promise<void> {
    if (!this.subscribers.remove(channel, handler) || this.listener.status !== "ready") return;
    await this.listener.unsubscribe(prefix + channel);
    if (this.subscribers.has(channel)) await this.listen(channel);
  }

  /** Without a connection, or when it breaks under this, the channel is listened to when one stands again. */
  private async listen(channel: BusChannel): Promise<void> {
    if (this.listener.status !== "ready") return;
    try {
      await this.listener.subscribe(prefix + channel);
    } catch (cause) {
      if (!this.isClosed)
        this.address.onProblem?.(new Error(`The bus could not listen to ${channel}.`, { cause }));
    }
  }

  private async resubscribe(): Promise<void> {
    try {
      const channels = this.subscribers.channels.map((channel) => prefix + channel);
      if (channels.length > 0) await this.listener.subscribe(...channels);
      this.subscribers.deliverToAll("");
    } catch (cause) {
      // The connection broke again; the next "ready" comes back here.
      if (!this.isClosed) this.address.onProblem?.(new Error("The bus could not listen again.", { cause }));
    }
  }
}
