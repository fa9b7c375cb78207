import { planQuestions, roundBatches, type ToldAnswer } from "@mailstead/core/block-lists";
import { storeTelemetry } from "../telemetry/index.ts";
import { epochOf } from "./delivery-story.ts";
import type { DemoServer } from "./fleet.ts";
import type { DemoStage } from "./tell-server.ts";

const minuteMs = 60_000;
/** Minutes before now at which the host asked: before the trouble began, as it began, and of late. */
const rounds = [26 * 60, 9 * 60, 21] as const;

/** Tells what block lists have said of a host: nothing of most, and of one that sent too much that it is listed. */
export async function tellBlockLists(stage: DemoStage, serverId: string, demo: DemoServer): Promise<void> {
  const until = stage.clock.now.getTime();
  for (const [index, minutesAgo] of rounds.entries()) {
    const [batch] = roundBatches(until - minutesAgo * minuteMs, answersOf(demo, index));
    await storeTelemetry(stage.system, {
      serverId,
      stream: "block-lists",
      epoch: epochOf(demo.hostname),
      sequence: index + 1,
      batch,
    });
  }
}

function answersOf(demo: DemoServer, round: number): ToldAnswer[] {
  const plan = planQuestions({
    addresses: demo.ipAddresses,
    names: [demo.hostname, ...demo.domains.map(({ name }) => name)],
    spamhaus: { kind: "none" },
  });
  return plan.flatMap(({ list, subjects }) =>
    subjects.map((subject): ToldAnswer => {
      const isTrouble = demo.trouble === "outlook-block" && subject === demo.ipAddresses[0] && round > 0;
      if (isTrouble && (list === "barracuda" || list === "uceprotect-1"))
        return { list, subject, answer: { kind: "listed", codes: ["127.0.0.2"], text: textOf(subject) } };
      // It answers only resolvers that its owner knows, and this customer has registered none.
      if (list === "barracuda" && demo.trouble === "gmail-rate")
        return { list, subject, answer: { kind: "unknown", problem: "nobody answered in time" } };
      return { list, subject, answer: { kind: "clear" } };
    }),
  );
}

function textOf(subject: string): string {
  return `Listed for mail to addresses that nobody has. See the list's page with ${subject}.`;
}
