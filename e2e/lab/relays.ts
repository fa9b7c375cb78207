import { chmod, rm, stat } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import type { AddressPair } from "./addresses.ts";
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
  await waitFor("a socket into the lab", async () => (await stat(door.socketPath)).isSocket(), {
    intervalMs: 10,
  });
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
  const server = createServer((socket) => splice(socket, connect(door.socketPath)));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(door.localPort ?? 0, "127.0.0.1", resolve);
  });
  const bound = server.address();
  return {
    localPort: bound !== null && typeof bound === "object" ? bound.port : 0,
    close: () => closeServer(server),
  };
}

export interface Hatch {
  readonly socketPath: string;
  /** Where the lab's hosts connect, by either family. */
  readonly address: AddressPair;
  readonly port: number;
  /** Where on this machine's loopback it leads; undefined when somebody else listens on the socket. */
  readonly hostPort?: number;
  /** With these the hatch speaks TLS to the lab and plain text to this machine. */
  readonly tls?: TlsOptions;
}

/** A port in the lab that leads to a port of 127.0.0.1 on this machine. */
export async function openHatch(namespace: LabNamespace, hatch: Hatch): Promise<Relay> {
  let server: Server | undefined;
  if (hatch.hostPort !== undefined) {
    const hostPort = hatch.hostPort;
    const forward = (socket: Socket): void => splice(socket, connect(hostPort, "127.0.0.1"));
    server = hatch.tls ? createTlsServer(hatch.tls, forward) : createServer(forward);
    await rm(hatch.socketPath, { force: true });
    await listenUnix(server, hatch.socketPath);
    await chmod(hatch.socketPath, 0o600);
  }
  for (const address of [hatch.address.ipv4, hatch.address.ipv6]) {
    const listener = address.includes(":")
      ? `TCP6-LISTEN:${hatch.port},bind=[${address}],ipv6only=1`
      : `TCP4-LISTEN:${hatch.port},bind=${address}`;
    namespace.start(["socat", `${listener},fork,reuseaddr,backlog=128`, `UNIX-CONNECT:${hatch.socketPath}`]);
    await waitFor(
      `port ${hatch.port} in the lab`,
      async () =>
        (await namespace.run(["ss", "-Hltn", "sport", "=", `:${hatch.port}`])).stdout.includes(address),
      { intervalMs: 10 },
    );
  }
  return { close: async () => (server ? closeServer(server) : undefined) };
}

function listenUnix(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
}

function splice(left: Socket, right: Socket): void {
  left.on("error", () => right.destroy());
  right.on("error", () => left.destroy());
  left.pipe(right).pipe(left);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
