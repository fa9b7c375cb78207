import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { type Duplex, pipeline } from "node:stream";
import { type FindCaller, makeFindCaller } from "./caller.ts";
import { StartError } from "./start-error.ts";

export interface FrontDoorOptions {
  readonly host: string;
  readonly port: number;
  readonly webPort: number;
  readonly gatewayPort: number;
  /** Address that people and agents use; https when a reverse proxy in front of this door speaks TLS. */
  readonly publicUrl: string;
  /** Networks of the reverse proxies that are believed about who called them. */
  readonly trustedProxies: readonly string[];
}

interface Door extends FrontDoorOptions {
  readonly findCaller: FindCaller;
}

/** One address for people and agents: what begins with /agent goes to the gateway, all else to web. */
export interface FrontDoor {
  close(): Promise<void>;
}

/** Opens the public port. Throws StartError when it is taken or not allowed. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const protocol = new URL(options.publicUrl).protocol.slice(0, -1);
  const door = { ...options, findCaller: makeFindCaller(options.trustedProxies, protocol) };
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (incoming, outgoing) =>
    forward(door, incoming, outgoing),
  );
  const tunnels = new Set<Duplex>();
  server.on("upgrade", (incoming: IncomingMessage, socket: Duplex, head: Buffer) =>
    tunnel(door, { incoming, socket, head, tunnels }),
  );
  await listen(server, options);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of tunnels) socket.destroy();
      }),
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(new StartError(explainListenError(cause, { host, port }), { cause })),
    );
    server.listen({ host, port, backlog: 4096 }, () => resolve());
  });
}

function explainListenError(
  { code, message }: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): string {
  switch (code) {
    case "EADDRINUSE":
      return `Port ${port} on ${host} is taken by another program; stop it, or choose another port with --port.`;
    case "EACCES":
      return `Port ${port} needs root; choose one above 1023 with --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `This machine has no address ${host}; choose one of its own with --host.`;
    default:
      return `Cannot listen on ${host} port ${port} (${message}); choose another with --host and --port.`;
  }
}

function portFor({ webPort, gatewayPort }: FrontDoorOptions, url: string | undefined): number {
  return /^\/agent([/?]|$)/.test(url ?? "/") ? gatewayPort : webPort;
}

function forward(door: Door, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const upstream = request(
    {
      host: "127.0.0.1",
      port: portFor(door, incoming.url),
      method: incoming.method,
      path: incoming.url,
      headers: forwardedHeaders(door, incoming),
    },
    (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      // An app that dies in the middle must look broken off, or a live page would wait for the rest for ever.
      pipeline(response, outgoing, () => undefined);
    },
  );
  upstream.once("error", () => {
    if (outgoing.headersSent) outgoing.destroy();
    else
      outgoing
        .writeHead(502, { "content-type": "text/plain", "retry-after": "2" })
        .end("Mailstead is starting; try again in a moment.\n");
  });
  outgoing.once("close", () => upstream.destroy());
  incoming.pipe(upstream);
}

/** What the apps must know of the caller; what a caller says about itself is not believed. */
function forwardedHeaders(
  { findCaller }: Door,
  incoming: IncomingMessage,
): Record<string, string | string[] | undefined> {
  const { address, protocol } = findCaller(incoming);
  return {
    ...incoming.headers,
    "x-forwarded-for": address,
    "x-forwarded-proto": protocol,
    "x-forwarded-host": incoming.headers.host ?? "",
  };
}

interface Upgrade {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly tunnels: Set<Duplex>;
}

function tunnel(door: Door, { incoming, socket, head, tunnels }: Upgrade): void {
  const upstream: Socket = connect(portFor(door, incoming.url), "127.0.0.1");
  tunnels.add(socket);
  const end = () => {
    socket.destroy();
    upstream.destroy();
    tunnels.delete(socket);
  };
  for (const stream of [socket, upstream]) stream.once("error", end).once("close", end);
  upstream.once("connect", () => {
    const lines = Object.entries(forwardedHeaders(door, incoming)).flatMap(([name, value]) =>
      [value ?? []].flat().map((text) => `${name}: ${text}`),
    );
    upstream.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
}
