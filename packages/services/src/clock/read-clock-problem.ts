import { type ServiceContext, withTransaction } from "../context/index.ts";
import { readKeptTime } from "./is-time-sure.ts";

/** The clocks of the installation disagree, so nothing that waits for time to pass goes on. */
export interface ClockProblem {
  sentence: string;
}

/** What a person should know of the clocks; null while they agree, and for who acts for one customer. */
export async function readClockProblem(ctx: ServiceContext): Promise<ClockProblem | null> {
  if (ctx.tenantId !== null) return null;
  const kept = await withTransaction(ctx, readKeptTime);
  if (kept === null || kept.skewMs === null) return null;
  const side = kept.skewMs > 0 ? "ahead of" : "behind";
  return {
    sentence: `The worker's clock is ${spanOf(Math.abs(kept.skewMs))} ${side} the database's. Until they agree nothing ends that waits for time to pass: DKIM keys and records stay as they are. Have both hosts keep their time by NTP.`,
  };
}

function spanOf(ms: number): string {
  const units = [
    { ms: 86_400_000, name: "day" },
    { ms: 3_600_000, name: "hour" },
    { ms: 60_000, name: "minute" },
  ];
  const unit = units.find((one) => ms >= one.ms) ?? { ms: 1000, name: "second" };
  const count = Math.round(ms / unit.ms);
  return `${count} ${unit.name}${count === 1 ? "" : "s"}`;
}
