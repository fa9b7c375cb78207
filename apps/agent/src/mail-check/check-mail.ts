import { setTimeout as wait } from "node:timers/promises";
import { stackPaths } from "@mailstead/core/mail-flow";
import type { TargetState } from "@mailstead/core/servers";
import {
  type HealthCheck,
  type HealthCheckId,
  healthCheckIds,
  type MailHealth,
} from "@mailstead/core/updates";
import { type ListResolver, openListResolver } from "../block-lists/list-resolver.ts";
import { readMailQueue } from "../observe/mail-queue.ts";
import { pathExists } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";
import { log } from "../platform/log.ts";
import { type PlanInput, renderTarget } from "../reconcile/plan-target.ts";
import { readApplied } from "../reconcile/target-documents.ts";
import { readRecentAttempts } from "../telemetry/recent-attempts.ts";
import { withStore } from "../telemetry/store.ts";
import { type CarryLimits, carryLetter } from "./carry-letter.ts";
import { checkCertificates } from "./check-certificates.ts";
import { checkGreeting } from "./check-greeting.ts";
import { checkPackages } from "./check-packages.ts";
import { checkSignature, chooseSigningDomain } from "./check-signature.ts";
import { checkUnits } from "./check-units.ts";
import { unknownCheck } from "./health-checks.ts";
import { type MailDoors, ownDoors } from "./mail-doors.ts";
import { clearProbes, isProbeThere, type LeftLetters, openProbe } from "./probe.ts";
import { type Sessions, signIn } from "./sign-in.ts";

export interface MailCheckInput extends Pick<PlanInput, "host" | "suite" | "sealingKeys"> {
  /** Path of the file in which the host keeps what it has to tell. */
  readonly storePath: string;
  /** Reads on in the mail log. */
  readonly readLog: () => Promise<void>;
  /** Where the host is tried; its own doors where none are named. */
  readonly doors?: MailDoors;
  readonly resolver?: ListResolver;
  readonly limits?: CarryLimits;
}

/** The job as a whole may take three minutes. */
const letterWithinMs = 120_000;
/** What was counted up to then is told where the log is long. */
const readLogWithinMs = 10_000;

let running: Promise<MailHealth> | null = null;
let clearing: Promise<void> = Promise.resolve();

/**
 * Tries the host's mail as the world would, each part for itself: what cannot be tried is unknown and keeps no other from
 * being tried. One try at a time; who asks meanwhile gets its answer. Leaves nothing behind.
 */
export function checkMail(input: MailCheckInput): Promise<MailHealth> {
  running ??= tryMail(input).finally(() => {
    running = null;
  });
  return running;
}

async function tryMail(input: MailCheckInput): Promise<MailHealth> {
  const { host } = input;
  const startedMs = performance.now();
  await clearing;
  await clearQuietly(host, "any");
  const target = await readApplied(host);
  const auditing = tryOne("packages", () => checkPackages(host));
  const figures = await readFigures(input);
  const checks =
    target === null
      ? healthCheckIds
          .filter((id) => id !== "packages")
          .map((id) => unknownCheck(id, "The mail stack is not installed on this host yet."))
      : (
          await Promise.all([
            tryOne("units", () => checkUnits(host, { ...input, wanted: unitsOf(input, target) })),
            tryOne("greeting", () => checkGreeting(target.hostname, doorsOf(input, target))),
            tryOne("certificate", () => checkCertificates(host, { target, doors: doorsOf(input, target) })),
            tryLetter(input, target),
          ])
        ).flat();
  return { checks: [...checks, await auditing], figures, tookMs: Math.round(performance.now() - startedMs) };
}

function doorsOf({ doors }: MailCheckInput, target: TargetState): MailDoors {
  return doors ?? ownDoors(target);
}

function unitsOf({ suite, sealingKeys }: MailCheckInput, target: TargetState): readonly string[] {
  return renderTarget({ suite, sealingKeys, target }).units.map(({ unit }) => unit);
}

/** What goes wrong in the trying itself says nothing against the host. */
async function tryOne(id: HealthCheckId, check: () => Promise<HealthCheck>): Promise<HealthCheck> {
  try {
    return await check();
  } catch (error) {
    return unknownCheck(id, `It could not be tried: ${(error as Error).message}.`);
  }
}

/** The three checks that need the account of the try, which is there only for as long as they last. */
async function tryLetter(input: MailCheckInput, target: TargetState): Promise<readonly HealthCheck[]> {
  const { host } = input;
  if (!(await pathExists(host.path(stackPaths.directoryDatabase))))
    return untried("There is no mail directory on this host yet.");
  const trial: Trial = { sessions: null, letters: "any" };
  const timer = new AbortController();
  try {
    return await Promise.race([
      carryOne(input, target, trial),
      wait(letterWithinMs, untried("It took too long, and was given up."), { signal: timer.signal }),
    ]);
  } catch (error) {
    return untried(`It could not be tried: ${(error as Error).message}.`);
  } finally {
    timer.abort();
    trial.sessions?.close();
    await clearQuietly(host, trial.letters);
  }
}

/** What is under way, to be ended and removed whenever that has to be. */
interface Trial {
  sessions: Sessions | null;
  letters: LeftLetters;
}

async function carryOne(
  input: MailCheckInput,
  target: TargetState,
  trial: Trial,
): Promise<readonly HealthCheck[]> {
  const { host, resolver = openListResolver() } = input;
  const doors = doorsOf(input, target);
  const signing = await chooseSigningDomain(host, resolver);
  const probe = await openProbe(host, signing?.domain ?? null);
  const sessions = await signIn(probe, { hostname: target.hostname, doors });
  trial.sessions = sessions;
  const limits = input.limits === undefined ? {} : { limits: input.limits };
  const { check, letter, left } = await carryLetter(host, { probe, sessions, doors, ...limits });
  trial.letters = left;
  const signature = await checkSignature(letter, { signing, resolver, now: new Date(host.nowUnixMs()) });
  const checks = [sessions.check, check, signature];
  const isBad = checks.some(({ state }) => state === "bad");
  return isBad && !(await isProbeThere(host, probe))
    ? untried("The mail directory was made anew meanwhile; try again.")
    : checks;
}

function untried(why: string): readonly HealthCheck[] {
  return (["sign-in", "loopback", "signature"] as const).map((id) => unknownCheck(id, why));
}

/** Removes what a try has left whose agent was killed. */
export function clearLeftProbes(host: Host): void {
  // A try that is under way has begun with this.
  if (running === null) clearing = clearQuietly(host, "any");
}

/** What is left then is removed by the next try, or when the agent starts. */
async function clearQuietly(host: Host, letters: LeftLetters): Promise<void> {
  try {
    await clearProbes(host, letters);
  } catch (error) {
    log("warning", `what a check of the mail left could not be removed: ${(error as Error).message}`);
  }
}

async function readFigures({ host, storePath, readLog }: MailCheckInput): Promise<MailHealth["figures"]> {
  const { queueSizeMessages } = await readMailQueue(host);
  await Promise.race([readLog(), wait(readLogWithinMs, undefined, { ref: false })]);
  const recent = await withStore(storePath, (database) => readRecentAttempts(database, host.nowUnixMs()));
  return { queueMessages: queueSizeMessages, recent };
}
