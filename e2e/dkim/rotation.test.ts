import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import { type RotationReport, reportText } from "./rotation-report.ts";
import { runRotation } from "./rotation-run.ts";
import { openRotationScene, type RotationScene } from "./rotation-scene.ts";
import { receiverNames } from "./two-receivers.ts";

const log = (line: string): void => console.log(`rotation: ${line}`);
const withinMs = 400_000;
const perSecond = 6;
const sentMin = 200;

describeLab("a rotation of DKIM keys under a stream of mail", () => {
  let scene: RotationScene | undefined;

  beforeAll(async () => {
    scene = await openRotationScene({ negativeTtlS: 5, log });
  });
  afterAll(() => scene?.close());

  it("loses no verification on two servers at two receivers whose resolvers remember", {
    timeout: withinMs + 60_000,
  }, async () => {
    if (scene === undefined) throw new Error("The lab did not open.");
    const report = await runRotation({
      place: scene.place,
      receivers: scene.receivers,
      timing: {
        watchMs: 5_000,
        testEveryMs: 5_000,
        queueLifeMs: 5_000,
        revokedForMs: 5_000,
        cacheWaitMinMs: 5_000,
      },
      perSecond,
      faults: [],
      isLookedAtAlways: true,
      marginMs: 2_000,
      withinMs,
      log,
    });
    const story = reportText(report);
    expect(report.outcome, story).toBe("finished");
    expect(report.sent, story).toBeGreaterThan(sentMin);
    expect(report.receivers, story).toEqual(receiverNames.map((receiver) => allVerified(report, receiver)));
    expect(report.namesKnownMissing, story).toBeGreaterThan(0);
  });
});

/** What a receiver counts to whom nothing was lost, with old and new selectors of both servers among them. */
function allVerified({ sent }: RotationReport, receiver: string): unknown {
  return {
    receiver,
    verified: sent,
    failed: 0,
    missing: 0,
    selectors: Array.from({ length: selectorsOfBothServers }, () =>
      expect.objectContaining({ failed: 0, verified: expect.toSatisfy((count: number) => count > 0) }),
    ),
  };
}

// RSA and Ed25519, of two servers, before and after.
const selectorsOfBothServers = 8;
