import { type JobArgs, type JobResult, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import { holdAccount } from "../accounts/hold-account.ts";
import { releaseAccount } from "../accounts/release-account.ts";
import { updateAgent } from "../agent-update/update-agent.ts";
import { stillOpen, takeBack } from "../apply/take-back.ts";
import { syncDirectory } from "../directory/sync-directory.ts";
import { signTestMessages } from "../dkim/sign-test-messages.ts";
import type { JournaledJob } from "../journal/ledger.ts";
import { checkMail } from "../mail-check/check-mail.ts";
import { changeQueue } from "../mail-queue/change-queue.ts";
import { readQueue } from "../mail-queue/read-queue.ts";
import { applyConfiguration } from "../reconcile/apply-configuration.ts";
import { converge, type ReconcileInput } from "../reconcile/converge.ts";
import { preview } from "../reconcile/preview.ts";
import { restoreConfiguration } from "../reconcile/restore-configuration.ts";
import { traceMessage } from "../trace/trace-message.ts";
import { installUpdates } from "../updates/install-updates.ts";
import { rollBackUpdates } from "../updates/roll-back-updates.ts";
import type { JobContext } from "./job-context.ts";
import type { VerbRunner } from "./job-runner.ts";
import { readHostStart, rebootHost, settleReboot } from "./reboot-host.ts";
import { restartService, settleRestart } from "./restart-service.ts";
import { rollZoneKey } from "./roll-zone-key.ts";
import { testSmarthost } from "./test-smarthost.ts";
import { unbanAddress } from "./unban-address.ts";

export interface VerbInput extends ReconcileInput {
  /** Path of the mail directory's SQLite file. */
  directoryPath: string;
  /** Reads facts anew and sends them. */
  refreshFacts: () => Promise<void>;
  /** Reads what the host tells of itself now, and not at its next turn. */
  readTelemetry: () => Promise<void>;
  /** Path of the file that holds the index of messages. */
  telemetryPath: string;
  /** Reads on in the mail log, and in what Rspamd decided. */
  readLog: () => Promise<void>;
}

type Verbs = { readonly [V in JobVerb]: (job: JobContext, args: JobArgs<V>) => Promise<JobResult<V>> };

/** Runs what the catalogue names, and nothing else: a verb without an entry here does not compile. */
export function createVerbRunner(input: VerbInput): VerbRunner {
  const { host } = input;
  const accounts = { host, directoryPath: host.path(input.directoryPath) };
  const verbs: Verbs = {
    converge: (job, args) => converge(input, job, args),
    "apply-configuration": (job, args) => applyConfiguration(input, job, args),
    "restore-configuration": (job, args) => restoreConfiguration(input, job, args),
    preview: (_job, args) => preview(input, args),
    "sync-directory": (job, args) =>
      syncDirectory({ path: host.path(input.directoryPath), host, requests: input.requests }, job, args),
    "restart-service": (job, args) => restartService(host, job, args),
    "unban-address": (_job, args) => unbanAddress(host, args),
    "hold-account": async (_job, { address }) => {
      const held = await holdAccount(accounts, { address, by: "person" });
      await input.readTelemetry();
      return held;
    },
    "release-account": async (_job, { address }) => {
      const released = await releaseAccount(accounts, address);
      await input.readTelemetry();
      return released;
    },
    "roll-zone-key": (_job, args) => rollZoneKey(host, args),
    "test-signature": (_job, args) => signTestMessages(input, args),
    "test-smarthost": (_job, args) => testSmarthost(input, args),
    "refresh-facts": async () => {
      await input.refreshFacts();
      return {};
    },
    "install-updates": (job, args) => installUpdates(input, job, args),
    "reboot-host": async (job) => rebootHost(host, job, await readHostStart()),
    "roll-back-updates": (job, args) => rollBackUpdates(input, job, args),
    "update-agent": (job, args) => updateAgent(host, job, args),
    "check-mail": () =>
      checkMail({
        ...{ host, suite: input.suite, sealingKeys: input.identity.sealingKeys },
        ...{ storePath: host.path(input.telemetryPath), readLog: input.readLog },
      }),
    "trace-message": (_job, args) =>
      traceMessage({ storePath: host.path(input.telemetryPath), readLog: input.readLog }, args),
    "read-queue": (_job, args) => readQueue(host, args),
    "change-queue": (_job, args) => changeQueue(host, args),
  };
  return {
    run: (job) => runVerb(verbs, job.order.verb, job),
    async settle(job, journaled) {
      if (job.order.verb === "restart-service" && journaled.openStep !== null)
        return { result: await settleRestart(host, job, journaled) };
      if (job.order.verb === "reboot-host" && journaled.openStep !== null)
        return {
          result: settleReboot(job, journaled, { now: await readHostStart(), nowUnixMs: host.nowUnixMs() }),
        };
      await settleStep(input, job, journaled);
      return "run-again";
    },
    takeBack: (undo, job) => takeBack(host, undo, job),
  };
}

async function runVerb<V extends JobVerb>(verbs: Verbs, verb: V, job: JobContext): Promise<unknown> {
  const args = jobCatalog[verb].args.parse(job.order.args) as JobArgs<V>;
  return await verbs[verb](job, args);
}

/** Takes back the step that was open; what is then left to do is planned anew from what the host holds. */
async function settleStep({ host }: VerbInput, job: JobContext, journaled: JournaledJob): Promise<void> {
  const { openStep } = journaled;
  if (openStep === null) return;
  const left = await takeBack(host, openStep.undo, job).catch((error: unknown) => {
    throw stillOpen(error);
  });
  if (openStep.undo.kind === "restore-files")
    job.logLine("warning", `The files of ${openStep.undo.service} that were half swapped were put back.`);
  if (left !== null) job.logLine("warning", `After that ${left}.`);
  const outcome = openStep.undo.kind === "restore-files" ? "reverted" : "unchanged";
  const detail = "The agent was stopped in this step; what is left of it is planned anew.";
  job.report({ kind: "step-ended", stepId: openStep.stepId, outcome, detail });
}
