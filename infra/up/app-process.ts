import { type ChildProcess, spawn } from "node:child_process";
import { identifyProcess, waitForExit } from "../processes/process-identity.ts";
import type { LineWriter } from "./log-lines.ts";

export interface AppSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Answers with 200 while the app is well. */
  readonly healthUrl: string;
}

export interface AppEvents {
  readonly output: LineWriter;
  /** One sentence about what the supervisor sees or does. */
  notice(sentence: string): void;
  /** Called with each new process, so that a later start can end it if this supervisor is killed. */
  started(pid: number, identity: string): void;
}

const restartDelayMinMs = 500;
const restartDelayMaxMs = 30_000;
/** A process that ran this long had started well, so the next restart is quick again. */
const settledAfterMs = 60_000;
const healthEveryMs = 10_000;
const healthTimeoutMs = 5_000;
const healthFailuresMax = 3;
const stopTimeoutMs = 12_000;

/** Keeps one app running: starts it, restarts it with growing delays when it ends or stops answering, and stops it. */
export class AppProcess {
  readonly spec: AppSpec;
  readonly #events: AppEvents;
  #child: ChildProcess | null = null;
  #isStopping = false;
  #restartDelayMs = restartDelayMinMs;
  #restartTimer: NodeJS.Timeout | undefined;
  #healthTimer: NodeJS.Timeout | undefined;
  #healthFailures = 0;

  constructor(spec: AppSpec, events: AppEvents) {
    this.spec = spec;
    this.#events = events;
  }

  /** Starts the app and waits until it is well. Throws when it ends before, is not well in time, or all is to stop. */
  async start({ timeoutMs, stopping }: { timeoutMs: number; stopping: AbortSignal }): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    const child = this.#spawn();
    while (!(await this.#isWell())) {
      stopping.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${this.spec.name} ended with ${describeEnd(child)} while starting`);
      if (Date.now() > deadline)
        throw new Error(`${this.spec.name} did not answer within ${timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#watchHealth();
  }

  /** Asks the app to end, and ends it when it does not. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restartTimer);
    clearInterval(this.#healthTimer);
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    if (await waitForExit(child.pid, stopTimeoutMs)) return;
    this.#events.notice(`${this.spec.name} does not end, killing it`);
    child.kill("SIGKILL");
    await waitForExit(child.pid, stopTimeoutMs);
  }

  #spawn(): ChildProcess {
    const startedAt = Date.now();
    const { command, args, cwd, environment } = this.spec;
    const child = spawn(command, [...args], {
      cwd,
      env: { ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // Its own process group, so that Ctrl-C leaves the order of stopping to the supervisor.
      detached: true,
    });
    this.#child = child;
    this.#healthFailures = 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => this.#events.output.write(chunk));
    }
    child.once("error", (error) =>
      this.#events.notice(`${this.spec.name} cannot be started: ${error.message}`),
    );
    child.once("close", () => {
      this.#events.output.flush();
      if (!this.#isStopping && this.#healthTimer)
        this.#restart(`ended with ${describeEnd(child)}`, Date.now() - startedAt);
    });
    const identity = child.pid === undefined ? null : identifyProcess(child.pid);
    if (child.pid !== undefined && identity !== null) this.#events.started(child.pid, identity);
    return child;
  }

  #restart(reason: string, ranMs: number): void {
    if (ranMs > settledAfterMs) this.#restartDelayMs = restartDelayMinMs;
    const delayMs = this.#restartDelayMs;
    this.#restartDelayMs = Math.min(delayMs * 2, restartDelayMaxMs);
    this.#events.notice(`${this.spec.name} ${reason}; restarting in ${delayMs / 1000} s`);
    this.#restartTimer = setTimeout(() => this.#spawn(), delayMs);
  }

  #watchHealth(): void {
    this.#healthTimer = setInterval(() => void this.#checkHealth(), healthEveryMs);
  }

  async #checkHealth(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.#healthFailures = (await this.#isWell()) ? 0 : this.#healthFailures + 1;
    if (this.#healthFailures < healthFailuresMax || this.#isStopping || child !== this.#child) return;
    this.#healthFailures = 0;
    this.#events.notice(`${this.spec.name} does not answer, ending it`);
    child.kill("SIGKILL"); // Its end restarts it.
  }

  async #isWell(): Promise<boolean> {
    if (this.#child?.exitCode !== null || this.#child.signalCode !== null) return false;
    try {
      const response = await fetch(this.spec.healthUrl, { signal: AbortSignal.timeout(healthTimeoutMs) });
      await response.arrayBuffer();
      return response.ok;
    } catch {
      return false; // Not listening yet, or hanging: both are "not well".
    }
  }
}

function describeEnd(child: ChildProcess): string {
  return child.signalCode ? `signal ${child.signalCode}` : `exit code ${child.exitCode}`;
}
