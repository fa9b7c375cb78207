import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, waitForExit } from "../processes/process-identity.ts";

interface Child {
  readonly pid: number;
  readonly identity: string;
}

const stopTimeoutMs = 12_000;

/** Remembers the processes of this supervisor on disk, because one that is killed cannot end them. */
export class ChildrenFile {
  readonly #path: string;
  #children: readonly Child[] = [];

  constructor(dataDir: string) {
    this.#path = join(dataDir, "children.json");
  }

  /** Ends what a killed supervisor left running; the number of processes it found. */
  async endLeftovers(): Promise<number> {
    if (!existsSync(this.#path)) return 0;
    const recorded = JSON.parse(readFileSync(this.#path, "utf8")) as readonly Child[];
    const living = recorded.filter(({ pid, identity }) => identifyProcess(pid) === identity);
    await Promise.all(living.map(endProcess));
    this.forget();
    return living.length;
  }

  add(pid: number, identity: string): void {
    this.#children = [
      ...this.#children.filter((child) => identifyProcess(child.pid) === child.identity),
      { pid, identity },
    ];
    writeFileSync(this.#path, JSON.stringify(this.#children), { mode: 0o600 });
  }

  forget(): void {
    rmSync(this.#path, { force: true });
  }
}

async function endProcess({ pid }: Child): Promise<void> {
  process.kill(pid, "SIGTERM");
  if (!(await waitForExit(pid, stopTimeoutMs))) process.kill(pid, "SIGKILL");
}
