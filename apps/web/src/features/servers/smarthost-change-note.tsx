"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { LevelWord } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useServerCache } from "./use-server-cache.ts";

const askEveryMs = 1000;
/** While it waits to be tried again, which it does for a minute at least. */
const askAgainEveryMs = 10_000;
const answers = ["test-again", "use-untested", "discard"] as const;

/** What was saved and is not in effect yet: being tried by the host, or kept out by what came of that. */
export function SmarthostChangeNote({
  serverId,
  concerns,
}: {
  serverId: string;
  concerns: "senders" | "receivers";
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const changes = useQuery(
    trpc.servers.smarthostChanges.queryOptions(
      { serverId },
      {
        refetchInterval: ({ state }) =>
          state.data?.some(({ problem }) => problem === null)
            ? askEveryMs
            : state.data?.some(({ retryAt }) => retryAt !== null)
              ? askAgainEveryMs
              : false,
      },
    ),
  );
  const answer = useMutation(
    trpc.servers.answerSmarthostChange.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const change = changes.data?.find((one) => one.concerns === concerns);
  const isThere = change !== undefined;
  const wasThere = useRef(false);
  const { refresh } = cache;
  useEffect(() => {
    // What waited is in effect now, which the rest of the page does not know yet.
    if (wasThere.current && !isThere) void refresh();
    wasThere.current = isThere;
  }, [isThere, refresh]);
  if (change === undefined) return <ProblemNote error={changes.error} />;
  const isRunning = change.problem === null;
  return (
    <div role="status" className="grid gap-2 rounded-ui border border-line p-3 text-table">
      <LevelWord level={isRunning ? "unknown" : "attention"}>
        {t(isRunning ? "smarthosts.change.running" : "smarthosts.change.failed")}
      </LevelWord>
      <ul className="grid gap-1">
        {change.trials.map(({ jobId, host, port }) => (
          <li key={jobId}>
            <Link href={`/jobs/${jobId}`} className="font-mono text-accent hover:underline">
              {`${host}:${port}`}
            </Link>
          </li>
        ))}
      </ul>
      {change.problem === null ? null : <p>{change.problem}</p>}
      {change.retryAt === null ? null : (
        <p>
          {t("smarthosts.change.again")} <Ago at={change.retryAt} />.
        </p>
      )}
      <p className="text-ink-3 text-meta">{t("smarthosts.change.by", { name: change.requestedBy })}</p>
      <IfMay use="servers.answerSmarthostChange">
        <div className="flex flex-wrap gap-2">
          {answers.map((one) =>
            isRunning && one === "test-again" ? null : (
              <Button
                key={one}
                size="small"
                disabled={answer.isPending}
                onClick={() => answer.mutate({ serverId, concerns, answer: one })}
              >
                {t(`smarthosts.change.${one}`)}
              </Button>
            ),
          )}
        </div>
      </IfMay>
      <ProblemNote error={answer.error} />
    </div>
  );
}
