import type { DriftEntry, HostFacts, ObservedReport, TargetState } from "@mailstead/core/servers";
import type { AgentFrame } from "@mailstead/core/wire";
import type { Identity } from "../link/identity.ts";
import type { Host } from "../platform/host.ts";
import type { HostKind } from "../platform/host-check.ts";
import { log } from "../platform/log.ts";
import { renderTarget } from "../reconcile/plan-target.ts";
import { readApplied } from "../reconcile/target-documents.ts";
import { haveFactsChanged, readFacts } from "./facts.ts";
import type { AptPlan } from "./inventory/apt-plan.ts";
import { observedFrames, reportObserved, stampFiles } from "./observed-report.ts";
import { canReachPort25 } from "./port-25.ts";
import { resolverProblem } from "./resolver.ts";
import { openUpkeepWatch } from "./upkeep/upkeep.ts";

export interface Watch {
  /** Tells a new connection what is known, and looks again. */
  tellAll(): void;
  /** Looks again when what runs now is over. */
  lookSoon(): void;
  /** Reads the facts, the outward port too, and sends them whether they changed or not. */
  refreshFacts(): Promise<void>;
  close(): void;
}

export interface WatchInput {
  host: Host;
  kind: HostKind;
  identity: Identity;
  bootId: string;
  aptPlan: AptPlan;
  send: (frame: AgentFrame) => boolean;
  /** True while a job changes the host: what it has half written is no edit by hand. */
  isChanging: () => boolean;
  /** Gateway's clock less ours; 0 before it is known. */
  clockOffsetMs: () => number;
  /** Told after each look. */
  onLooked: () => void;
  /** Told at each look at which something was edited by hand. */
  onDrift: (target: TargetState, drift: readonly DriftEntry[]) => Promise<void>;
}

const lookEveryMs = 3 * 60_000;
const port25EveryMs = 6 * 60 * 60_000;
// One try that failed says little, and a provider that has opened the port is to be believed soon.
const closedPort25EveryMs = 30 * 60_000;
const resolverEveryMs = 15 * 60_000;

/** Looks at the host every few minutes and tells the control plane what changed. Sleeps in between. */
export function openWatch(input: WatchInput): Watch {
  const { host, send } = input;
  let facts: HostFacts | null = null;
  let report: ObservedReport | null = null;
  let stamp = "";
  let owesReport = false;
  let port25: { isOpen: boolean | null; atUnixMs: number } = { isOpen: null, atUnixMs: 0 };
  // Without a stack there is no resolver to ask; while it gets no answer, each look asks again.
  let resolver: { isValidating: boolean | null; atUnixMs: number } = { isValidating: null, atUnixMs: 0 };
  const upkeep = openUpkeepWatch(host, input);
  let looking: Promise<void> = Promise.resolve();

  async function look(options: { tellsAlways: boolean; triesPort25: boolean }): Promise<void> {
    const target = await readApplied(host);
    const stack = target === null ? null : renderFor(target);
    if (options.triesPort25) await tryPort25();
    // A blocked port is known only after a while, and what else the host is must not wait for it.
    else if (
      host.nowUnixMs() - port25.atUnixMs >
      (port25.isOpen === false ? closedPort25EveryMs : port25EveryMs)
    )
      void tryPort25().then(() => lookQuietly({ tellsAlways: false, triesPort25: false }));
    if (stack === null) resolver = { isValidating: null, atUnixMs: 0 };
    else if (options.triesPort25) await tryResolver();
    else if (resolver.isValidating === false || host.nowUnixMs() - resolver.atUnixMs > resolverEveryMs)
      void tryResolver().then((hasChanged) => {
        if (hasChanged) lookQuietly({ tellsAlways: false, triesPort25: false });
      });
    // While packages are worked on, what waits changes from one to the next.
    if (!input.isChanging())
      void tryUpdates().then((hasChanged) => {
        if (hasChanged) lookQuietly({ tellsAlways: false, triesPort25: false });
      });
    const nextFacts = await readFacts({
      host,
      kind: input.kind,
      bootId: input.bootId,
      units: stack?.units.map(({ unit }) => unit) ?? [],
      packages: stack?.packages ?? [],
      canReachPort25: port25.isOpen,
      hasValidatedDns: resolver.isValidating,
      upkeep: await upkeep.look({ isForced: options.triesPort25 }),
    });
    if (
      (options.tellsAlways || haveFactsChanged(facts, nextFacts)) &&
      send({ type: "facts", facts: nextFacts })
    )
      facts = nextFacts;
    if (target === null || stack === null) return;
    owesReport ||= options.tellsAlways;
    if (input.isChanging()) return;
    const nextStamp = `${target.revision} ${await stampFiles(host, stack)}`;
    const isUnchanged = nextStamp === stamp && report !== null;
    const nextReport = isUnchanged && report !== null ? report : await reportObserved(host, stack, target);
    // When that change is over, the host is looked at again.
    if (input.isChanging()) return;
    const hasChanged = JSON.stringify(nextReport) !== JSON.stringify(report);
    const isTold = !(hasChanged || owesReport) || observedFrames(nextReport).every(send);
    if (isTold) {
      report = nextReport;
      stamp = nextStamp;
      owesReport = false;
    }
    // After it was told, so that somebody can see what was there.
    if (nextReport.drift.length > 0) await input.onDrift(target, nextReport.drift);
  }

  async function tryPort25(): Promise<void> {
    port25 = { ...port25, atUnixMs: host.nowUnixMs() };
    port25 = { ...port25, isOpen: await canReachPort25() };
  }

  /** Says whether it found anything new. */
  async function tryResolver(): Promise<boolean> {
    const before = resolver.isValidating;
    resolver = { isValidating: before, atUnixMs: host.nowUnixMs() };
    resolver = { ...resolver, isValidating: (await resolverProblem(host)) === null };
    return resolver.isValidating !== before;
  }

  /** Says whether others wait than before. */
  async function tryUpdates(): Promise<boolean> {
    try {
      return await upkeep.lookForUpdates();
    } catch (error) {
      log("warning", `the updates that wait could not be looked at: ${(error as Error).message}`);
      return false;
    }
  }

  function renderFor(target: TargetState) {
    return renderTarget({ suite: input.kind.suite, sealingKeys: input.identity.sealingKeys, target });
  }

  function schedule(options: { tellsAlways: boolean; triesPort25: boolean }): Promise<void> {
    const turn = looking.then(() => look(options));
    looking = turn
      .catch((error: Error) => log("warning", `the host could not be looked at: ${error.message}`))
      .finally(input.onLooked);
    return turn;
  }

  function lookQuietly(options: { tellsAlways: boolean; triesPort25: boolean }): void {
    // `schedule` has already logged what went wrong; the next turn tries again.
    schedule(options).catch(() => undefined);
  }

  const timer = setInterval(() => lookQuietly({ tellsAlways: false, triesPort25: false }), lookEveryMs);
  return {
    tellAll: () => lookQuietly({ tellsAlways: true, triesPort25: false }),
    lookSoon: () => lookQuietly({ tellsAlways: false, triesPort25: false }),
    refreshFacts: () => schedule({ tellsAlways: true, triesPort25: true }),
    close: () => clearInterval(timer),
  };
}
