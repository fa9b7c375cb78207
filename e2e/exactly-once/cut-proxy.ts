import { connect, createServer, type Socket } from "node:net";

/** Stands between a client and its server, and cuts what goes through it. */
export interface CutProxy {
  readonly port: number;
  /** Bytes that clients have sent through it so far. */
  readonly sentBytes: () => number;
  /** Resolves with true when so many further bytes of clients have passed, with false when that takes too long. */
  pass(bytes: number, withinMs: number): Promise<boolean>;
  /** Breaks every connection after so many further bytes of clients, also in the middle of a frame; at once when that takes too long. */
  cutAfter(bytes: number, withinMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Waiter {
  left: number;
  readonly cuts: boolean;
  readonly done: () => void;
}

/** Opens a proxy on a free port of the loopback. `listen` is asked once for each connection, and hears what its client sends. */
export async function openCutProxy(
  target: number,
  listen: () => (chunk: Buffer) => void = () => () => undefined,
): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  const waiters = new Set<Waiter>();
  let sent = 0;
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  /** Passes on what comes; of what a cut falls into, only the part before it. */
  function take(chunk: Buffer, server: Socket): void {
    sent += chunk.length;
    let cutAt: number | null = null;
    for (const waiter of [...waiters]) {
      waiter.left -= chunk.length;
      if (waiter.left > 0) continue;
      waiters.delete(waiter);
      if (waiter.cuts) cutAt = Math.min(cutAt ?? chunk.length, chunk.length + waiter.left);
      waiter.done();
    }
    if (cutAt === null) server.write(chunk);
    // What was written before is still to arrive; the rest never does.
    else server.write(chunk.subarray(0, cutAt), breakAll);
  }

  const listener = createServer((client) => {
    const server = connect(target, "127.0.0.1");
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(one);
      // The close that follows says all that matters here.
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    const hear = listen();
    client.on("data", (chunk) => {
      hear(chunk);
      take(chunk, server);
    });
    server.on("data", (chunk) => client.write(chunk));
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const after = (bytes: number, withinMs: number, cuts: boolean): Promise<boolean> =>
    new Promise((resolve) => {
      const waiter: Waiter = { left: bytes, cuts, done: () => settle(true) };
      const late = setTimeout(() => settle(false), withinMs);
      const settle = (hasPassed: boolean): void => {
        clearTimeout(late);
        waiters.delete(waiter);
        resolve(hasPassed);
      };
      waiters.add(waiter);
    });

  return {
    port,
    sentBytes: () => sent,
    pass: (bytes, withinMs) => after(bytes, withinMs, false),
    async cutAfter(bytes, withinMs) {
      if (!(await after(bytes, withinMs, true))) breakAll();
    },
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      breakAll();
      await closed;
    },
  };
}
