import { chmod } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { LabError } from "./command.ts";
import type { LabNamespace } from "./namespace.ts";
import { waitFor } from "./wait-for.ts";

/**
 * The lab has no uplink. What must cross its border crosses as a unix socket, which both sides see:
 * a door leads from this machine into the lab, a hatch from the lab to this machine.
 */

export interface Relay {
  close(): Promise<void>;
}

/** A unix socket on this machine that leads to an address in the lab. Lives as long as the lab. */
export async function openUnixDoor(
  namespace: LabNamespace,
  door: { readonly socketPath: string; readonly address: string; readonly port: number },
): Promise<void> {
  const target = door.address.includes(":")
    ? `TCP6:[${door.address}]:${door.port}`
    : `TCP4:${door.address}:${door.port}`;
  namespace.start(["socat", `UNIX-LISTEN:${door.socketPath},fork,mode=600`, target]);
  // The file is there before socat listens on it, and a connection in between would be refused. Option -l would
  // show a socket that is only bound as well.
  const listeners = ["ss", "-Hx", "state", "listening"];
  const listening = async () => (await namespace.run(listeners)).stdout.includes(door.socketPath);
  await waitFor("a socket into the lab", listening, { intervalMs: 10 });
}

/** A port of 127.0.0.1 on this machine that leads to an address in the lab. */
export async function openPortDoor(
  namespace: LabNamespace,
  door: {
    readonly socketPath: string;
    readonly address: string;
    readonly port: number;
    readonly localPort?: number;
  },
): Promise<Relay & { readonly localPort: number }> {
  await openUnixDoor(namespace, door);
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    splice(socket, connect({ path: door.socketPath, allowHalfOpen: true })),
  );
  const relay = closable(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new LabError(`Port ${door.localPort} of this machine cannot be opened: ${cause.message}`, { cause }),
      ),
    );
    server.listen(door.localPort ?? 0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  return {
    localPort: bound !== null && typeof bound === "object" ? bound.port : 0,
    close: relay.close,
  };
}

/** A port of this machine's loopback that the lab's hosts can reach. */
export interface ExposedPort {
  readonly labPort: number;
  readonly hostPort: number;
  /** Speaks TLS to the hosts and plain text to this machine. */
  readonly tls?: boolean;
}

/** Serves a unix socket whose connections go on to a port of this machine's loopback. */
export async function openHatch(hatch: {
  readonly socketPath: string;
  readonly hostPort: number;
  readonly tls?: TlsOptions;
}): Promise<Relay> {
  const target = { port: hatch.hostPort, host: "127.0.0.1", allowHalfOpen: true };
  const forward = (socket: Socket): void => splice(socket, connect(target));
  const server = hatch.tls
    ? createTlsServer({ ...hatch.tls, allowHalfOpen: true }, forward)
    : createServer({ allowHalfOpen: true }, forward);
  // A client that breaks off its handshake is its own affair.
  server.on("tlsClientError", () => undefined);
  const relay = closable(server);
  await listenUnix(server, hatch.socketPath);
  await chmod(hatch.socketPath, 0o600);
  return relay;
}

/** Makes a unix socket of this machine a port in the lab, on these addresses, in a host's own network if one is named. */
export async function openLabPort(
  namespace: LabNamespace,
  door: {
    readonly socketPath: string;
    readonly addresses: readonly string[];
    readonly port: number;
    readonly host?: string;
  },
): Promise<void> {
  const inNetwork = door.host === undefined ? [] : ["nsenter", `--net=/run/netns/${door.host}`, "--"];
  for (const address of door.addresses) {
    const listener = address.includes(":")
      ? `TCP6-LISTEN:${door.port},bind=[${address}],ipv6only=1`
      : `TCP4-LISTEN:${door.port},bind=${address}`;
    namespace.start([
      ...inNetwork,
      ...["socat", `${listener},fork,reuseaddr,backlog=128`, `UNIX-CONNECT:${door.socketPath}`],
    ]);
    const list = [...inNetwork, "ss", "-Hltn", "sport", "=", `:${door.port}`];
    await waitFor(
      `port ${door.port} in the lab`,
      async () => (await namespace.run(list)).stdout.includes(address),
      { intervalMs: 10 },
    );
  }
}

function listenUnix(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

/** Carries both directions; each end's last word reaches the other, and neither outlives its partner. */
function splice(left: Socket, right: Socket): void {
  for (const [from, to] of [
    [left, right],
    [right, left],
  ] as const) {
    from.pipe(to);
    // An end that broke off has said all that it will; what is still on the way to the other is delivered first.
    from.on("error", () => undefined);
    from.once("close", () => to.destroySoon());
  }
}

/** Takes no more connections, and ends those that are open. */
function closable(server: Server): Relay {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
