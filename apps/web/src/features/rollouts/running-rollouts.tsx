"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../client/trpc.tsx";
import { usePaced } from "../../client/use-paced.ts";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { everyRollout } from "../live/topics.ts";
import { CountsBar, countOf } from "./counts-bar.tsx";
import { openRollouts } from "./questions.ts";
import { RolloutStateBadge } from "./rollout-state-badge.tsx";

/** Rollouts that run or are halted, among the work of Home; nothing where there is none. */
export function RunningRollouts() {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.rollouts.list.queryOptions(openRollouts));
  useFollow(
    [everyRollout],
    usePaced(() => query.refetch()),
  );
  const lines = query.data?.rollouts ?? [];
  if (lines.length === 0) return null;
  return (
    <Panel title={t("rollouts.home")} isFlush>
      <ul>
        {lines.map((line) => (
          <li key={line.id} className="border-line border-b last:border-b-0">
            <Link
              href={`/rollouts/${line.id}`}
              className="grid gap-1.5 px-4 py-2.5 text-table -outline-offset-2 hover:bg-hover"
            >
              <span className="flex items-center gap-3">
                <span className="min-w-0 flex-1 truncate font-medium">
                  {line.title ?? t("rollout.untitled")}
                </span>
                <RolloutStateBadge state={line.state} />
              </span>
              <CountsBar counts={line.counts} servers={line.servers} />
              <span className="text-ink-3 text-meta">
                {t("rollout.progress", {
                  done: countOf(line.counts, "succeeded"),
                  count: line.servers - countOf(line.counts, "left-out"),
                })}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
