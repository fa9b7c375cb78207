import { stackPaths } from "@mailstead/core/mail-flow";
import { isProbeAddress } from "@mailstead/core/mailboxes";
import { type TracedVerdict, tracedVerdict } from "@mailstead/core/trace";
import { createVerdictCounter, parseVerdictLine, verdictBatchesOf } from "@mailstead/core/verdicts";
import { z } from "zod";
import type { Host } from "../platform/host.ts";
import { parseJson } from "../platform/parse-json.ts";
import { indexVerdicts } from "../trace/index-verdicts.ts";
import { type AccountScore, learnScores, scoreOf } from "./account-records.ts";
import { keepStream, readStreamState } from "./stream-state.ts";
import type { TelemetrySource } from "./telemetry-source.ts";
import { readVerdictFiles, removeReadVerdicts, type VerdictPosition } from "./verdict-files.ts";

const positionSchema = z.record(z.string(), z.int().nonnegative());

/** Lines between two looks at what they came to, so that days of them do not lie in memory at once. */
const linesAtOnceMax = 5000;

/**
 * Counts what Rspamd decided about the host's mail, from the lines that its rule keeps. Counts alone are told; how each
 * account is scored and what each message was given stays on the host.
 */
export function verdictsSource(host: Host, storePath: string): TelemetrySource {
  const folder = host.path(stackPaths.verdicts);
  return {
    stream: "verdicts",
    what: "what Rspamd decided",
    everyMs: 60_000,
    async read() {
      let position = await readPosition(storePath);
      let dropped = 0;
      for (let hasMore = true; hasMore; ) {
        const counter = createVerdictCounter();
        const scores: AccountScore[] = [];
        const traced: TracedVerdict[] = [];
        const onLine = (line: string) => {
          const verdict = parseVerdictLine(line);
          if (verdict === null || isProbeAddress(verdict.account ?? "")) return;
          counter.add(verdict);
          scores.push(...[scoreOf(verdict)].filter((score) => score !== null));
          traced.push(...[tracedVerdict(verdict)].filter((one) => one !== null));
        };
        const reached = await readVerdictFiles(folder, position, { linesMax: linesAtOnceMax, onLine });
        const state = JSON.stringify(reached.position);
        // A line counts in the transaction that moves the position past it, wherever the agent is killed.
        if (state !== JSON.stringify(position))
          dropped += await keepStream(storePath, "verdicts", {
            state,
            batches: verdictBatchesOf(counter.read()),
            learn(database) {
              learnScores(database, scores);
              indexVerdicts(database, traced);
            },
          });
        ({ position, hasMore } = reached);
      }
      await removeReadVerdicts(folder, position ?? {}, host.nowUnixMs());
      return { dropped };
    },
  };
}

async function readPosition(storePath: string): Promise<VerdictPosition | null> {
  const state = await readStreamState(storePath, "verdicts");
  return state === null ? null : positionSchema.parse(parseJson(state));
}
