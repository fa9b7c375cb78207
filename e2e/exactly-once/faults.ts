import { setTimeout as pause } from "node:timers/promises";
import type { Random } from "./random.ts";
import type { TellingScene } from "./scene.ts";

export const faultKinds = [
  "kill agent",
  "restart agent",
  "kill gateway",
  "kill worker",
  "kill Postgres",
  "cut agent's line",
  "cut gateway's line to Postgres",
  "restart gateway",
  "restart worker",
  "crash Postgres",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault and its moment: so many bytes after it is due, counted on one of the two lines. */
export interface Fault {
  readonly kind: FaultKind;
  readonly line: "link" | "databaseLine";
  readonly afterBytes: number;
  /** How long what was ended stays away. */
  readonly awayMs: number;
}

/** A schedule that a seed decides. Every kind comes about as often as any other. */
export function planFaults(random: Random, count: number): readonly Fault[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = faultKinds[(index + random.between(0, 2)) % faultKinds.length] ?? "kill agent";
    const line = random.pick<Fault["line"]>(["link", "databaseLine"]);
    // A batch has some hundred kilobytes at most, and what stores it has three times as many.
    return { kind, line, afterBytes: random.between(1, 250_000), awayMs: random.between(0, 800) };
  });
}

/** Where nothing moves any more, the fault strikes all the same. */
const strikeWithinMs = 2_500;

/** Lets one fault happen and what was ended come back. */
export async function strike(scene: TellingScene, fault: Fault): Promise<void> {
  const { kind, afterBytes, awayMs } = fault;
  const isCut = kind === "cut agent's line" || kind === "cut gateway's line to Postgres";
  if (!isCut) await scene[fault.line].pass(afterBytes, strikeWithinMs);
  switch (kind) {
    case "cut agent's line":
      return scene.link.cutAfter(afterBytes, strikeWithinMs);
    case "cut gateway's line to Postgres":
      return scene.databaseLine.cutAfter(afterBytes, strikeWithinMs);
    case "kill agent":
    case "restart agent":
      await scene.agent.end(kind === "kill agent" ? "SIGKILL" : "SIGTERM");
      await pause(awayMs);
      scene.agent.start();
      return;
    case "kill gateway":
    case "restart gateway":
      await scene.endGateway(kind === "kill gateway" ? "SIGKILL" : "SIGTERM");
      await pause(awayMs);
      await scene.startGateway();
      return;
    case "kill worker":
    case "restart worker":
      await scene.endWorker(kind === "kill worker" ? "SIGKILL" : "SIGTERM");
      await pause(awayMs);
      await scene.startWorker();
      return;
    case "kill Postgres":
    case "crash Postgres":
      await scene.database.crash(kind === "kill Postgres" ? "SIGKILL" : "SIGQUIT");
      return;
  }
}
