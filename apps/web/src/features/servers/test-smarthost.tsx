"use client";
import { hasEnded, type SmarthostTest } from "@mailstead/core/jobs";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { LevelWord } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

export interface SmarthostTrial {
  serverId: string;
  smarthost: {
    host: string;
    port: number;
    username?: string;
    password?: string;
    verifiesCertificate: boolean;
  };
  /** Whose password it is when none was typed. */
  keptFor: { of: "senders" | "receivers"; name: string };
}

const askEveryMs = 1000;

/** Has the server try a smarthost with what is typed, before that is kept, and says what came of it. */
export function TestSmarthost(trial: SmarthostTrial) {
  const { t } = useWords();
  const trpc = useTRPC();
  const test = useMutation(trpc.servers.testSmarthost.mutationOptions());
  const job = useQuery(
    trpc.jobs.get.queryOptions(
      { jobId: test.data?.jobId ?? "" },
      {
        enabled: test.data !== undefined,
        refetchInterval: ({ state }) =>
          state.data !== undefined && hasEnded(state.data.state) ? false : askEveryMs,
      },
    ),
  );
  const isRunning = test.data !== undefined && (job.data === undefined || !hasEnded(job.data.state));
  return (
    <IfMay use="servers.testSmarthost">
      <div className="flex flex-wrap items-center gap-3 text-table">
        <Button
          size="small"
          isBusy={test.isPending || isRunning}
          disabled={trial.smarthost.host === ""}
          onClick={() => test.mutate(trial)}
        >
          {t("smarthosts.test")}
        </Button>
        <span role="status" className="min-w-0 flex-1">
          {isRunning ? <span className="text-ink-3">{t("smarthosts.testing")}</span> : null}
          {job.data === undefined || isRunning ? null : <Outcome outcome={job.data.outcome} />}
        </span>
      </div>
      <ProblemNote error={test.error ?? job.error} />
    </IfMay>
  );
}

function Outcome({ outcome }: { outcome: { kind: string; result?: unknown; problem?: string } | null }) {
  const { t } = useWords();
  if (outcome?.kind !== "succeeded")
    return (
      <LevelWord level="unknown">
        {t("smarthosts.test-failed", { problem: outcome?.problem ?? "" })}
      </LevelWord>
    );
  const { retry, sentence } = outcome.result as SmarthostTest;
  return (
    <LevelWord level={retry === null ? "good" : retry === "temporary" ? "attention" : "trouble"}>
      {sentence}
    </LevelWord>
  );
}
