import { randomUUID } from "node:crypto";
import type { AgentScript, SimulatedAgent } from "./agent.ts";
import type { Lie } from "./faults.ts";
import type { FleetTally } from "./tally.ts";

/** Past any event that a simulated job tells. */
const inventedNumber = 900;
const succeeded = { kind: "succeeded", result: null } as const;

/** A script that says what is not so, where its lie is about jobs; else the honest one. */
export function makeLyingScript(
  honest: AgentScript,
  {
    agent,
    lie,
    place: { tally, heardJobIds },
  }: { agent: SimulatedAgent; lie: Lie; place: { tally: FleetTally; heardJobIds: readonly string[] } },
): AgentScript {
  switch (lie) {
    case "ends-unstarted":
      return {
        ...honest,
        async answer(order) {
          await honest.answer?.(order);
          tally.lies += 1;
          agent.send({ type: "job-ended", jobId: order.jobId, progressNumber: 0, outcome: succeeded });
          return { kind: "ignore" };
        },
      };
    case "wrong-progress":
      return {
        ...honest,
        async run(job, tell) {
          const { jobId } = job.order;
          tally.lies += 1;
          const body = { kind: "log", level: "info", text: "This came after nothing." } as const;
          const event = { number: inventedNumber, atUnixMs: Date.now(), body };
          agent.send({ type: "job-progress", jobId, events: [event] });
          agent.send({ type: "job-ended", jobId, progressNumber: inventedNumber, outcome: succeeded });
          return (await honest.run?.(job, tell)) ?? succeeded;
        },
      };
    case "others-job":
      return {
        ...honest,
        async run(job, tell) {
          const jobId = heardJobIds.findLast((id) => id !== job.order.jobId) ?? randomUUID();
          tally.lies += 1;
          agent.send({ type: "job-accepted", jobId });
          agent.send({ type: "job-ended", jobId, progressNumber: 0, outcome: { kind: "cancelled" } });
          return (await honest.run?.(job, tell)) ?? succeeded;
        },
      };
    case "repeats-telemetry":
    case "skips-telemetry":
      return honest;
  }
}
