import { randomBytes, randomInt } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";

/** What opens the cluster: kept beside it, readable by its owner only. */
export interface Access {
  readonly port: number;
  readonly password: string;
}

export const adminUser = "mailstead";

export function readAccess(path: string): Access | null {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Access) : null;
}

export function writeAccess(path: string, access: Access): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(access)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function generatePassword(): string {
  return randomBytes(24).toString("base64url");
}

export function databaseUrl(access: Access, database: string): string {
  return `postgres://${adminUser}:${access.password}@127.0.0.1:${access.port}/${database}`;
}

/** Below the ports that systems hand out to outgoing connections, one of which could take the port before it is used. */
const portRange = { min: 20_000, max: 32_767 };
const portAttemptsMax = 100;

/** Whoever got one may not listen on it yet. */
const given = new Set<number>();

/**
 * A TCP port that was free on 127.0.0.1 a moment ago and that this process has given to nobody else; the caller copes
 * with losing it. `meant` are ports that something of the caller's is about to take.
 */
export async function findFreePort(meant: readonly number[] = []): Promise<number> {
  for (let attempt = 0; attempt < portAttemptsMax; attempt++) {
    const port = randomInt(portRange.min, portRange.max + 1);
    if (given.has(port) || meant.includes(port)) continue;
    given.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(`No free port from ${portRange.min} to ${portRange.max} on 127.0.0.1; end some programs.`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(false) : reject(error),
    );
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
