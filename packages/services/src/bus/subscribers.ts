import type { BusHandler } from "./bus.ts";
import type { BusChannel } from "./channels.ts";

/** Handlers by channel, and which channels somebody listens to. */
export class Subscribers {
  private readonly handlers = new Map<BusChannel, Set<BusHandler>>();

  get channels(): readonly BusChannel[] {
    return [...this.handlers.keys()];
  }

  add(channel: BusChannel, handler: BusHandler): void {
    const known = this.handlers.get(channel);
    if (known) known.add(handler);
    else this.handlers.set(channel, new Set([handler]));
  }

  /** True when the channel has no handler any more. */
  remove(channel: BusChannel, handler: BusHandler): boolean {
    const known = this.handlers.get(channel);
    if (!known?.delete(handler) || known.size > 0) return false;
    this.handlers.delete(channel);
    return true;
  }

  has(channel: BusChannel): boolean {
    return this.handlers.has(channel);
  }

  deliver(channel: string, payload: string): void {
    for (const handler of this.handlers.get(channel as BusChannel) ?? []) handler(payload);
  }

  /** After a lost connection nobody knows what was missed, so everybody looks. */
  deliverToAll(payload: string): void {
    for (const channel of this.channels) this.deliver(channel, payload);
  }
}
