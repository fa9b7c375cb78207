import { stackPaths } from "@mailstead/core/mail-flow";
import { createVerdictCounter, parseVerdictLine, verdictBatchesOf } from "@mailstead/core/verdicts";
import { z } from "zod";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { keepStream, readStreamState } from "./stream-state.ts";
import type { TelemetrySource } from "./telemetry-source.ts";
import { readVerdictFiles, removeReadVerdicts, type VerdictPosition } from "./verdict-files.ts";

const positionSchema = z.record(z.string(), z.int().nonnegative());

/** Counts what Rspamd decided about the host's mail, from the lines that its rule keeps. */
export function verdictsSource(host: Host, storePath: string): TelemetrySource {
  const folder = host.path(stackPaths.verdicts);
  return {
    stream: "verdicts",
    what: "what Rspamd decided",
    everyMs: 60_000,
    async read() {
      const before = await readPosition(storePath);
      const counter = createVerdictCounter();
      const position = await readVerdictFiles(folder, before, (line) => {
        const verdict = parseVerdictLine(line);
        if (verdict !== null) counter.add(verdict);
      });
      const state = JSON.stringify(position);
      let dropped = 0;
      if (state !== JSON.stringify(before)) {
        // A line counts in the transaction that moves the position past it, wherever the agent is killed.
        const batches = verdictBatchesOf(counter.read());
        dropped = await keepStream(storePath, "verdicts", { state, batches });
      }
      await removeReadVerdicts(folder, position, host.nowUnixMs());
      return { dropped };
    },
  };
}

async function readPosition(storePath: string): Promise<VerdictPosition | null> {
  const state = await readStreamState(storePath, "verdicts");
  return state === null ? null : positionSchema.parse(parseJson(state));
}
