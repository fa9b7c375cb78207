import type { RotationTiming } from "@mailstead/core/dkim";
import { startRotation } from "@mailstead/services/rotations";
import { waitFor } from "../lab/wait-for.ts";
import { query } from "../scene/database.ts";
import { type MailStream, startMailStream } from "./mail-stream.ts";
import { failuresOf, paceOf, type RotationReport, type Span, tallyReceivers } from "./rotation-report.ts";
import type { RotationScene } from "./rotation-scene.ts";
import { type FaultPlan, openFaults } from "./run-faults.ts";
import { domainName, type SigningDomain, senders } from "./signing-domain.ts";
import { receiverNames, recipients } from "./two-receivers.ts";

export interface RotationRunInput extends Omit<RotationScene, "close"> {
  readonly timing: RotationTiming;
  readonly perSecond: number;
  readonly faults: readonly FaultPlan[];
  /** Has the worker look at the rotation all the time, and not only when it means that there may be news. */
  readonly isLookedAtAlways: boolean;
  /** How long mail flows before the rotation begins and after it has ended. */
  readonly marginMs: number;
  /** The rotation fails the run when it takes longer. */
  readonly withinMs: number;
  readonly log: (line: string) => void;
}

interface RotationRow {
  readonly step: string;
  readonly outcome: string | null;
  readonly alarm: string | null;
}

const lookEveryMs = 250;
const finishWithinMs = 60_000;

/** Rotates the keys of the domain while mail flows and things break, and says what became of every message. */
export async function runRotation(input: RotationRunInput): Promise<RotationReport> {
  const { place, receivers, log } = input;
  const { lab } = place;
  const stream = await startMailStream({
    lab,
    post: receivers.post,
    hosts: senders.map(({ name }) => lab.host(name)),
    account: place.account,
    recipients,
    perSecond: input.perSecond,
  });
  await untilFlowing(stream, input.marginMs);
  const faults = openFaults({ place, plans: input.faults, log });
  faults.onStep("started");
  const former = await readSelectors(place);
  const { rotationId } = await startRotation(place.operator.ctx, {
    domainId: place.domainId,
    kind: "by-hand",
    timing: input.timing,
  });
  const namesKnownMissing = await rememberMissing(input, former);
  log(`${namesKnownMissing} new names are known not to exist`);
  const watched = await watch(input, { rotationId, onStep: (step) => faults.onStep(step) });
  await faults.end();
  await untilFlowing(stream, input.marginMs);
  await stream.finish({ timeoutMs: finishWithinMs });
  const verdicts = await stream.verdicts();
  const whole = {
    fromMs: watched.steps[0]?.fromMs ?? 0,
    untilMs: watched.steps.at(-1)?.untilMs ?? 0,
  };
  return {
    ...watched,
    sent: stream.taken.length,
    perSecond: paceOf(stream.taken, whole),
    receivers: tallyReceivers(receiverNames, stream.taken, verdicts),
    failures: failuresOf(verdicts),
    faults: faults.spans,
    namesKnownMissing,
  };
}

/** Waits until mail has flowed for so long. */
async function untilFlowing(stream: MailStream, forMs: number): Promise<void> {
  const before = stream.taken.length;
  const sinceMs = Date.now();
  await waitFor("mail to flow", () => stream.taken.length > before && Date.now() - sinceMs >= forMs, {
    timeoutMs: forMs + 30_000,
  });
}

async function readSelectors({ controlPlane, domainId }: SigningDomain): Promise<Set<string>> {
  const rows = await query<{ selector: string }>(
    controlPlane,
    "select selector from dkim_keys where domain_id = $1",
    [domainId],
  );
  return new Set(rows.map(({ selector }) => selector));
}

/**
 * Asks the receivers' resolvers for every new key before it is published, as whoever guesses selectors may, so that they
 * remember that it does not exist. Returns how many of these answers there were.
 */
async function rememberMissing(
  { place, receivers }: RotationRunInput,
  former: ReadonlySet<string>,
): Promise<number> {
  const added = [...(await readSelectors(place))].filter((selector) => !former.has(selector));
  const asked = added.flatMap((selector) => receivers.resolvers.map((resolver) => ({ selector, resolver })));
  const answers = await Promise.all(
    asked.map(({ selector, resolver }) =>
      place.lab.runTool(["dig", `@${resolver}`, `${selector}._domainkey.${domainName}`, "TXT"]),
    ),
  );
  return answers.filter(({ stdout }) => stdout.includes("status: NXDOMAIN")).length;
}

/** Follows the rotation to its end. Throws when it takes too long, with what it waits for. */
async function watch(
  { place, withinMs, isLookedAtAlways, log }: RotationRunInput,
  { rotationId, onStep }: { rotationId: string; onStep: (step: string) => void },
): Promise<Pick<RotationReport, "outcome" | "steps" | "alarms">> {
  const steps: Span[] = [];
  const alarms = new Set<string>();
  const startedMs = Date.now();
  let fromMs = startedMs;
  let last = "";
  const outcome = await waitFor(
    "the rotation to end",
    async () => {
      const row = await readRotation(place, rotationId);
      if (row.alarm !== null && !alarms.has(row.alarm)) log(`alarm: ${row.alarm}`);
      if (row.alarm !== null) alarms.add(row.alarm);
      if (isLookedAtAlways) await lookSoon(place, rotationId);
      if (row.step === last) return undefined;
      const nowMs = Date.now();
      if (last !== "") steps.push({ name: last, fromMs, untilMs: nowMs });
      log(`${row.step} after ${((nowMs - startedMs) / 1000).toFixed(1)} s`);
      fromMs = nowMs;
      last = row.step;
      onStep(row.step);
      return row.outcome ?? undefined;
    },
    { timeoutMs: withinMs, intervalMs: lookEveryMs },
  );
  return { outcome, steps, alarms: [...alarms] };
}

async function readRotation({ controlPlane }: SigningDomain, rotationId: string): Promise<RotationRow> {
  const [row] = await query<RotationRow>(
    controlPlane,
    "select step, outcome, alarm from dkim_rotations where id = $1",
    [rotationId],
  );
  if (row === undefined) throw new Error(`There is no rotation ${rotationId}.`);
  return row;
}

async function lookSoon({ controlPlane }: SigningDomain, rotationId: string): Promise<void> {
  await query(
    controlPlane,
    "update dkim_rotations set look_again_at = now() where id = $1 and step <> 'done' and look_again_at > now()",
    [rotationId],
  );
}
