import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Certificate, openAuthority } from "../../lab/authority.ts";
import type { ToDoor } from "./tls-door.ts";

/** TLS before the gateways: processes that share one address, since a door holds two sockets for each agent. */
export interface Doors {
  readonly linkUrl: string;
  readonly pids: readonly number[];
  /** PEM that clients of this address must trust. */
  readonly authority: string;
  /** For another server of this address. */
  readonly certificate: Certificate;
  /** Which gateways new connections go to, in turn. */
  lead(ports: readonly number[]): void;
  close(): Promise<void>;
}

/** Opens so many doors at one port of the loopback, with a certificate of an authority of their own. */
export async function openDoors(count: number): Promise<Doors> {
  const folder = await mkdtemp(join(tmpdir(), "mailstead-doors-"));
  const authority = await openAuthority(join(folder, "authority"));
  const issued = await authority.issue(["127.0.0.1"]);
  await rm(folder, { recursive: true, force: true });
  const listener = createServer();
  // When a gateway comes back, the whole fleet stands in line.
  listener.listen({ host: "127.0.0.1", port: 0, backlog: 4096 });
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const children: ChildProcess[] = [];
  for (let index = 0; index < count; index += 1) {
    const child = fork(join(import.meta.dirname, "tls-door.ts"), { execArgv: [] });
    // Each comes from an address of its own: between two addresses there are ports for one fleet only.
    const open: ToDoor = { kind: "open", ...issued, localAddress: `127.0.1.${index + 1}` };
    await new Promise<void>((resolve, reject) =>
      child.send(open, listener, {}, (problem) => (problem ? reject(problem) : resolve())),
    );
    children.push(child);
  }
  // The doors alone accept from here on.
  listener.close();
  return {
    linkUrl: `wss://127.0.0.1:${port}/agent/link`,
    pids: children.map(({ pid }) => pid ?? 0),
    authority: authority.root,
    certificate: issued,
    lead(ports) {
      const message: ToDoor = { kind: "upstreams", ports };
      for (const child of children) child.send(message);
    },
    async close() {
      await Promise.all(
        children.map(async (child) => {
          const ended = once(child, "exit");
          child.disconnect();
          await ended;
        }),
      );
    },
  };
}
