import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { LabError } from "./command.ts";
import type { Mirror } from "./machine-mirror.ts";

/**
 * online: what is missing or may have changed is fetched from the mirror and kept.
 * frozen: only what is kept is served, so that a test sees the same archive every time.
 * failing: addresses that match are answered with an error, everything else as when online.
 */
export type AptProxyMode =
  | { readonly kind: "online" }
  | { readonly kind: "frozen" }
  | { readonly kind: "failing"; readonly matching: RegExp; readonly status: number };

export interface AptProxy {
  setMode(mode: AptProxyMode): void;
  /** Addresses asked for so far, oldest first. */
  requests(): readonly string[];
  close(): Promise<void>;
}

export interface AptProxyOptions {
  readonly mirror: Mirror;
  readonly cacheFolder: string;
  /** A path of a unix socket, or a port of 127.0.0.1 (0 takes a free one). */
  readonly listen: string | number;
}

/** Release files are asked for again after this; between two guests of one test they need not be. */
const releaseFreshMs = 10 * 60_000;

/** Starts a caching proxy for apt that knows the machine's mirror and refuses every other host. */
export async function startAptProxy(options: AptProxyOptions): Promise<AptProxy & { readonly port: number }> {
  const hosts = new Set(
    [options.mirror.main, options.mirror.security].flatMap((uri) => (uri ? [new URL(uri).host] : [])),
  );
  const running = new Map<string, Promise<Kept>>();
  const asked: string[] = [];
  let mode: AptProxyMode = { kind: "online" };

  const server = createServer((request, response) => {
    answer(request, response).catch((cause: unknown) => {
      if (response.headersSent) response.destroy();
      else
        response
          .writeHead(502, { "content-type": "text/plain" })
          .end(`The lab's apt proxy: ${String(cause)}\n`);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = URL.parse(request.url ?? "");
    if (!address || !hosts.has(address.host) || request.method !== "GET") {
      response.writeHead(403).end("The lab's apt proxy serves only this machine's Debian mirror.\n");
      return;
    }
    asked.push(address.href);
    if (mode.kind === "failing" && mode.matching.test(address.href)) {
      response.writeHead(mode.status).end("The lab's apt proxy was told to fail here.\n");
      return;
    }
    const key = address.href;
    const work = running.get(key) ?? keep(address, options.cacheFolder, mode.kind === "frozen");
    running.set(key, work);
    const kept = await work.finally(() => running.delete(key));
    if (kept.kind === "absent") {
      response.writeHead(kept.status).end();
      return;
    }
    const modified = kept.modified.toUTCString();
    if (request.headers["if-modified-since"] === modified) {
      response.writeHead(304).end();
      return;
    }
    response.writeHead(200, { "content-length": kept.sizeBytes, "last-modified": modified });
    createReadStream(kept.path)
      .on("error", () => response.destroy())
      .pipe(response);
  }

  await listen(server, options.listen);
  const bound = server.address();
  return {
    port: bound !== null && typeof bound === "object" ? bound.port : 0,
    setMode: (next) => {
      mode = next;
    },
    requests: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Kept =
  | { kind: "file"; path: string; sizeBytes: number; modified: Date }
  | { kind: "absent"; status: number };

async function keep(address: URL, cacheFolder: string, isFrozen: boolean): Promise<Kept> {
  const path = join(cacheFolder, address.host, createHash("sha256").update(address.pathname).digest("hex"));
  const known = await stat(path).catch(() => undefined);
  const isImmutable = address.pathname.includes("/pool/") || address.pathname.includes("/by-hash/");
  const isFresh = known && (isImmutable || Date.now() - known.ctimeMs < releaseFreshMs);
  if (known && (isFresh || isFrozen)) return kept(path, known);
  if (isFrozen) return { kind: "absent", status: 404 };

  let reply: Response;
  try {
    reply = await fetch(address, {
      headers: known ? { "if-modified-since": known.mtime.toUTCString() } : {},
      signal: AbortSignal.timeout(120_000),
    });
  } catch (cause) {
    if (known) return kept(path, known);
    throw new LabError(`${address.href} could not be fetched.`, { cause });
  }
  if (reply.status === 304 && known) {
    await utimes(path, new Date(), known.mtime);
    return kept(path, known);
  }
  if (!reply.ok) {
    await reply.body?.cancel();
    return known && reply.status >= 500 ? kept(path, known) : { kind: "absent", status: reply.status };
  }
  const bytes = new Uint8Array(await reply.arrayBuffer());
  const modified = new Date(reply.headers.get("last-modified") ?? Date.now());
  await storeWhole(path, bytes, modified);
  return { kind: "file", path, sizeBytes: bytes.byteLength, modified };
}

/** Writes aside and renames: a file under its final name is always complete. */
async function storeWhole(path: string, bytes: Uint8Array, modified: Date): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${process.pid}.part`;
  await writeFile(aside, bytes);
  await utimes(aside, new Date(), modified);
  await rename(aside, path);
}

function kept(path: string, known: { size: number; mtime: Date }): Kept {
  return { kind: "file", path, sizeBytes: known.size, modified: known.mtime };
}

function listen(server: Server, where: string | number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    if (typeof where === "number") server.listen(where, "127.0.0.1", resolve);
    else server.listen(where, resolve);
  });
}
