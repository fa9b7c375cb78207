"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Lock, Route, Server } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { ServerAnswer } from "./server-answer.tsx";
import { TraceForm } from "./trace-form.tsx";
import { inputOf, isAsked, readTraceHash, type TraceQuery, traceHref } from "./trace-query.ts";

type Started = RouterOutputs["trace"]["start"];

/** Finds a message on the servers that could know of it, and tells its story. */
export function TraceScreen() {
  const { t } = useWords();
  const may = useMay();
  return (
    <>
      <PageHeader title={t("trace.title")} description={t("trace.lead")} />
      {may("trace.start") && may("trace.answers") ? (
        <Trace />
      ) : (
        <Panel isFlush>
          <EmptyState icon={Lock} title={t("trace.forbidden-title")}>
            {t("trace.forbidden")}
          </EmptyState>
        </Panel>
      )}
    </>
  );
}

function Trace() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [query, setQuery] = useState<TraceQuery | null>(null);
  const start = useMutation(trpc.trace.start.mutationOptions());
  const { mutate } = start;
  const search = useCallback(
    (asked: TraceQuery) => {
      setQuery(asked);
      window.history.replaceState(null, "", traceHref(asked));
      mutate(inputOf(asked, new Date()));
    },
    [mutate],
  );
  // The part of the address behind the # is known in the browser alone; a link to this page from itself changes only that.
  useEffect(() => {
    const read = () => {
      const asked = readTraceHash(window.location.hash);
      // Without a question in it the address must not take away what somebody has begun to type.
      if (isAsked(asked)) search(asked);
    };
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, [search]);
  return (
    <div className="grid gap-4">
      <TraceForm
        key={query === null ? "" : traceHref(query)}
        query={query}
        isBusy={start.isPending}
        onSearch={search}
      />
      <ProblemNote error={start.error} />
      {start.data === undefined ? (
        <Panel isFlush>
          <EmptyState icon={Route} title={t("trace.empty-title")}>
            {t("trace.empty")}
          </EmptyState>
        </Panel>
      ) : (
        <Answers
          key={start.submittedAt}
          started={start.data}
          onFollow={(id) => search({ ...readTraceHash(""), id })}
        />
      )}
    </div>
  );
}

// Answers come within a second; whoever waits longer is not helped by being asked more often.
const askEveryMs = 250;
const slowAfterMs = 5000;

function Answers({ started, onFollow }: { started: Started; onFollow: (queueId: string) => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const jobIds = started.servers.flatMap(({ jobId }) => jobId ?? []);
  const [askedAt] = useState(() => Date.now());
  const answers = useQuery(
    trpc.trace.answers.queryOptions(
      { jobIds },
      {
        enabled: jobIds.length > 0,
        refetchInterval: ({ state }) =>
          state.data?.every(({ kind }) => kind !== "waiting")
            ? false
            : Date.now() - askedAt < slowAfterMs
              ? askEveryMs
              : 4 * askEveryMs,
      },
    ),
  );
  if (started.servers.length === 0)
    return (
      <Panel isFlush>
        <EmptyState icon={Server} title={t("trace.no-server-title")}>
          {t("trace.no-server")}
        </EmptyState>
      </Panel>
    );
  const byJob = new Map(answers.data?.map((answer) => [answer.jobId, answer]));
  return (
    <div className="grid gap-4" aria-live="polite">
      <ProblemNote error={answers.error} />
      {started.leftOut === 0 ? null : (
        <p className="text-ink-2 text-table">{t("trace.left-out", { count: started.leftOut })}</p>
      )}
      {started.servers.map((server) => (
        <ServerAnswer
          key={server.serverId}
          server={server}
          answer={server.jobId === null ? undefined : byJob.get(server.jobId)}
          onFollow={onFollow}
        />
      ))}
    </div>
  );
}
