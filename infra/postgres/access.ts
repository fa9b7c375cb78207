import { randomBytes } from "node:crypto";
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

/** A TCP port that was free on 127.0.0.1 a moment ago; the caller copes with losing it. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
