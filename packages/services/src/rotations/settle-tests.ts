import { askAgainAfterMs } from "@mailstead/core/dkim";
import { hasEnded, type JobResult } from "@mailstead/core/jobs";
import { jobs, type Transaction } from "@mailstead/db";
import { inArray } from "drizzle-orm";
import type { ServiceContext } from "../context/index.ts";
import type { Witness } from "../dns/index.ts";
import type { LoadedRotation } from "./load-rotation.ts";
import { progressOf, withServer } from "./rotation-progress.ts";
import { type DkimKeyRow, lookupName } from "./rotation-records.ts";
import { tell } from "./rotation-story.ts";
import { verifySignatures } from "./verify-signatures.ts";

/**
 * Verifies the test messages that have come, against what the name servers say now, and writes each result down. A job
 * that ended without an answer says nothing of the key. Without the name servers' word it stays open.
 */
export async function settleTests(
  tx: Transaction,
  ctx: ServiceContext,
  { loaded, witness }: { loaded: LoadedRotation; witness: Witness | null },
): Promise<void> {
  const open = Object.entries(loaded.progress.servers).flatMap(([serverId, { test }]) =>
    test?.state === "open" ? [{ serverId, test }] : [],
  );
  if (open.length === 0 || witness?.kind !== "heard") return;
  const found = await tx
    .select({ id: jobs.id, state: jobs.state, outcome: jobs.outcome })
    .from(jobs)
    .where(
      inArray(
        jobs.id,
        open.map(({ test }) => test.jobId),
      ),
    );
  for (const { serverId, test } of open) {
    const job = found.find(({ id }) => id === test.jobId);
    if (job !== undefined && !hasEnded(job.state)) continue;
    const result = job?.outcome?.kind === "succeeded" ? job.outcome.result : null;
    const answer = result as JobResult<"test-signature"> | null;
    const keys = loaded.keys.filter((key) => key.serverId === serverId && key.madeBy === loaded.row.id);
    // Where every server of a zone was silent, nothing is known of the key.
    if (answer !== null && keys.some((key) => !isHeard(witness, lookupName(key, loaded.domainName))))
      continue;
    const selectors = keys.map(({ selector }) => selector);
    const problem =
      answer === null
        ? (failureOf(job?.outcome) ?? "the job ended without an answer")
        : await verifySignatures({
            domain: loaded.domainName,
            keys: keys.map(({ selector, signsAs }) => ({ selector, signsAs: signsAs ?? selector })),
            signatures: answer.signatures,
            shown: (name) => shownTexts(witness, name),
            now: ctx.now(),
          });
    const unused =
      problem === null && answer !== null ? unusedKeys(loaded, { serverId, answer, keys }) : null;
    const state = stateOf({
      isAnswered: answer !== null,
      problem,
      unused,
      isEarly: isEarly(loaded, ctx.now()),
    });
    loaded.progress = withServer(loaded.progress, serverId, {
      test: { ...test, state, problem: problem ?? unused },
    });
    const name = loaded.servers.find(({ id }) => id === serverId)?.name ?? "a server";
    await tell(tx, ctx, {
      rotation: loaded.row,
      kind: "tested",
      sentence:
        state === "passed"
          ? `${name} signed a test message with ${selectors.join(" and ")}; every signature verifies.`
          : unused !== null
            ? `${name} signs its test messages as it should. ${unused}`
            : `The test signature of ${name} ${state === "lost" ? "did not come" : "failed"}: ${problem}`,
      evidence: {
        jobId: test.jobId,
        selectors,
        signatures: answer?.signatures ?? [],
        rspamdSignsWith: answer?.signsWith ?? null,
        keys: keys.map((key) => ({
          selector: key.selector,
          ...(key.signsAs === null ? {} : { signsAs: key.signsAs }),
          texts: shownTexts(witness, lookupName(key, loaded.domainName)),
        })),
      },
    });
  }
}

type TestState = "passed" | "failed" | "lost";

/** Rspamd reads its map again a while after it changed, so what it does in the first minutes says nothing yet. */
function stateOf(test: {
  isAnswered: boolean;
  problem: string | null;
  unused: string | null;
  isEarly: boolean;
}): TestState {
  if (!test.isAnswered) return "lost";
  if (test.problem !== null) return "failed";
  if (test.unused === null) return "passed";
  return test.isEarly ? "lost" : "failed";
}

function isEarly({ row }: LoadedRotation, now: Date): boolean {
  return now.getTime() - row.stepSince.getTime() < askAgainAfterMs;
}

/**
 * What is wrong when a host that was switched signs real mail with other keys, or none, as its Rspamd says; null when
 * nothing is, or it does not say.
 */
function unusedKeys(
  { row, servers, progress }: LoadedRotation,
  { serverId, answer, keys }: { serverId: string; answer: JobResult<"test-signature">; keys: DkimKeyRow[] },
): string | null {
  const { switchRevision } = progressOf(progress, serverId);
  const appliedRevision = servers.find(({ id }) => id === serverId)?.appliedRevision ?? 0;
  const isSwitched = switchRevision !== null && appliedRevision >= switchRevision;
  if (row.step !== "watching" || !isSwitched || answer.signsWith === null) return null;
  const used = new Set<string>(answer.signsWith);
  const unused = keys.map(({ signsAs, selector }) => signsAs ?? selector).filter((name) => !used.has(name));
  if (unused.length === 0) return null;
  const instead = used.size === 0 ? "with no key" : `with ${[...used].join(" and ")}`;
  return `Its Rspamd signs mail ${instead}, and not with ${unused.join(" and ")}.`;
}

function failureOf(outcome: unknown): string | null {
  return typeof outcome === "object" && outcome !== null && "problem" in outcome
    ? String(outcome.problem)
    : null;
}

function isHeard(witness: Extract<Witness, { kind: "heard" }>, name: string): boolean {
  const answers = witness.names.find((heard) => heard.name === name)?.answers ?? [];
  return answers.some(({ kind }) => kind !== "failed");
}

function shownTexts(witness: Extract<Witness, { kind: "heard" }>, name: string): string[] {
  const answers = witness.names.find((heard) => heard.name === name)?.answers ?? [];
  return answers.flatMap((answer) => (answer.kind === "answered" ? answer.values : []));
}
