import type { RotationTiming } from "@mailstead/core/dkim";
import { type ReceiverTally, type RotationReport, reportText } from "../dkim/rotation-report.ts";
import { runRotation } from "../dkim/rotation-run.ts";
import { openRotationScene } from "../dkim/rotation-scene.ts";
import type { FaultPlan } from "../dkim/run-faults.ts";
import type { Bench, Measure } from "./measure.ts";
import { saveDetails } from "./report.ts";

// A little more than is promised, so that the time in which a server is down does not take the pace below it.
const perSecond = 22;
const perSecondAim = 20;
const marginMs = 5_000;
const withinMs = 300_000;
/** Whatever hangs, the bench ends by then; its lab ends with it. */
const benchWithinMs = 8 * 60_000;

/** Everything that takes days in earnest, short enough for a bench and long enough for what breaks in it. */
const timing: RotationTiming = {
  watchMs: 20_000,
  testEveryMs: 10_000,
  queueLifeMs: 30_000,
  revokedForMs: 10_000,
  cacheWaitMinMs: 5_000,
};
const negativeTtlS = 30;

const faults: readonly FaultPlan[] = [
  { at: "started", kind: "provider-fails" },
  { at: "switching", kind: "cut-off", host: "mail2", forMs: 40_000 },
  { at: "switching", kind: "restart", host: "mail1" },
];

/**
 * The keys of a domain are replaced on two real hosts while mail flows without a pause. The receivers' resolvers
 * remember; the DNS provider fails, one server is cut off over the switch, and the other one is restarted in it.
 */
export const dkimBench: Bench = {
  name: "dkim",
  whyNot: () => (process.getuid?.() === 0 ? null : "real hosts need root."),
  async run(log) {
    const deadline = setTimeout(() => {
      log("it took too long and was given up");
      process.exit(1);
    }, benchWithinMs);
    try {
      return measuresOf(await rotate(log));
    } finally {
      clearTimeout(deadline);
    }
  },
};

async function rotate(log: (line: string) => void): Promise<RotationReport> {
  const scene = await openRotationScene({ negativeTtlS, log });
  try {
    const { place, receivers } = scene;
    const report = await runRotation({
      place,
      receivers,
      timing,
      perSecond,
      faults,
      isLookedAtAlways: false,
      marginMs,
      withinMs,
      log,
    });
    log(`\n${reportText(report)}\nThe same as JSON lies in ${saveDetails("dkim", report)}`);
    return report;
  } finally {
    await scene.close();
  }
}

function measuresOf({ sent, perSecond: pace, receivers, steps }: RotationReport): Measure[] {
  const tookMs = (steps.at(-1)?.untilMs ?? 0) - (steps[0]?.fromMs ?? 0);
  const note = `of ${sent} sent`;
  return [
    {
      name: "a whole rotation, with everything that broke",
      unit: "s",
      value: tookMs / 1000,
      aim: null,
      runs: 1,
    },
    {
      name: "messages per second in it, from both servers",
      unit: "per s",
      value: pace,
      aim: { kind: "at-least", value: perSecondAim },
      runs: 1,
    },
    ...receivers.flatMap((tally) => [
      count(`${tally.receiver}: messages verified`, tally.verified, { aim: sent, note }),
      count(`${tally.receiver}: messages failed`, tally.failed, { aim: 0, note }),
      count(`${tally.receiver}: signatures failed`, failedSignatures(tally), { aim: 0, note }),
    ]),
  ];
}

function failedSignatures({ selectors }: ReceiverTally): number {
  return selectors.reduce((sum, { failed }) => sum + failed, 0);
}

/** Zero is the most that may be; any other number is the least. */
function count(name: string, value: number, { aim, note }: { aim: number; note: string }): Measure {
  const kind = aim === 0 ? "at-most" : "at-least";
  return { name, unit: "mails", value, aim: { kind, value: aim }, runs: 1, note };
}
