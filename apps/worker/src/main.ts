import { readEnvironment, type WorkerEnvironment } from "./env.ts";
import { serveHealth } from "./health.ts";
import { createLog } from "./log.ts";
import { startWorker, type Worker } from "./worker.ts";

const exitFailed = 1;
const stopWithinMs = 15_000;

await main();

async function main(): Promise<void> {
  const env = readOrExit();
  const log = createLog(env.LOG_LEVEL);
  let worker: Worker | undefined;
  let isStopping = false;
  const stop = (signal: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info(`the worker stops: ${signal}`);
    // What is cut off here is found by the sweeps of the next worker.
    setTimeout(() => process.exit(exitFailed), stopWithinMs).unref();
    (worker?.close() ?? Promise.resolve()).then(
      () => process.exit(0),
      (problem: unknown) => {
        log.error({ err: problem }, "stopping failed");
        process.exit(exitFailed);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  try {
    worker = await startWorker({ env, log });
    if (env.HEALTH_PORT !== undefined) await serveHealth(env.HEALTH_PORT);
  } catch (problem) {
    log.error((problem as Error).message);
    log.debug({ err: problem }, "the worker did not start");
    process.exit(exitFailed);
  }
}

function readOrExit(): WorkerEnvironment {
  try {
    return readEnvironment();
  } catch (problem) {
    process.stderr.write(`${(problem as Error).message}\n`);
    process.exit(exitFailed);
  }
}
