import { agentVersion } from "../env.ts";
import { removeFile } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { agentPaths } from "../platform/paths.ts";
import { selfTest } from "./self-test.ts";
import { writeFacts } from "./updater-files.ts";

/**
 * Keeps the mark by which the updater knows that this agent is connected and has passed its self-test: there while it is
 * so, gone when the line is. An agent that fails its test goes on, and sets no mark.
 */
export function openConnectedMark(host: Host): (isConnected: boolean) => void {
  let tested: Promise<string | null> | null = null;
  let turn: Promise<void> = Promise.resolve();

  async function tell(isConnected: boolean): Promise<void> {
    if (!isConnected) {
      await removeFile(host.path(agentPaths.connectedMark));
      return;
    }
    tested ??= selfTest(host);
    const problem = await tested;
    if (problem === null)
      await writeFacts(host, agentPaths.connectedMark, {
        version: agentVersion,
        process: String(process.pid),
      });
    else log("error", `this agent does not pass its self-test: ${problem}`);
  }

  return (isConnected) => {
    // One after the other, so that the mark says what came last.
    turn = turn
      .then(() => tell(isConnected))
      .catch((error: Error) => {
        tested = null;
        log("warning", `the updater could not be told of the connection: ${error.message}`);
      });
  };
}
