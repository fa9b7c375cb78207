import { type GatewayEnvironment, readEnvironment } from "./env.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { createLog } from "./log.ts";

const exitCodes = { failed: 1, givenUp: 75 } as const;
// Whoever supervises kills what has not ended by then; better to end by ourselves.
const drainWithinMs = 25_000;

await main();

async function main(): Promise<void> {
  const env = readOrExit();
  const log = createLog(env.LOG_LEVEL);
  let gateway: Gateway | undefined;
  let isStopping = false;
  const stop = (reason: string, exitCode: number): void => {
    if (isStopping) return;
    isStopping = true;
    log.info(`the gateway drains: ${reason}`);
    setTimeout(() => process.exit(exitCodes.failed), drainWithinMs).unref();
    (gateway?.drain() ?? Promise.resolve()).then(
      () => process.exit(exitCode),
      (problem: unknown) => {
        log.error({ err: problem }, "draining failed; a worker recovers the rows");
        process.exit(exitCodes.failed);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal, 0));
  try {
    gateway = await startGateway({ env, log }, () => stop("the others took it for dead", exitCodes.givenUp));
  } catch (problem) {
    log.error((problem as Error).message);
    log.debug({ err: problem }, "the gateway did not start");
    process.exit(exitCodes.failed);
  }
}

function readOrExit(): GatewayEnvironment {
  try {
    return readEnvironment();
  } catch (problem) {
    process.stderr.write(`${(problem as Error).message}\n`);
    process.exit(exitCodes.failed);
  }
}
