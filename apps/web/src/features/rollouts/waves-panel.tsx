"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Rollout } from "./control-bar.tsx";
import { CountWords } from "./counts-bar.tsx";
import { isFiltered, readMemberFilters } from "./member-filters.ts";
import { useWaveName } from "./use-wave-name.ts";
import { WaveCells } from "./wave-cells.tsx";

/** The waves of a rollout, each with its servers as cells, how many are where, and what it waits for. */
export function WavesPanel({ rollout, onOpen }: { rollout: Rollout; onOpen: (serverId: string) => void }) {
  const { t, format } = useWords();
  const waveName = useWaveName();
  const { cells, marks, error } = useCells(rollout.id);
  let from = 0;
  return (
    <Panel title={t("rollout.waves")} isFlush>
      <ProblemNote error={error} />
      <ol>
        {rollout.waves.map((wave) => {
          const count = cells?.waves.find((one) => one.wave === wave.wave)?.servers ?? 0;
          const first = from;
          from += count;
          const name = waveName(wave.wave);
          const notes = [
            rollout.approves === wave.wave
              ? t("rollout.wave.asks")
              : wave.needsApproval && wave.standing === "ahead"
                ? t("rollout.wave.needs")
                : null,
            wave.bakeTimeMs === 0 || wave.servers === 0
              ? null
              : t("rollout.wave.bakes", { time: format.duration(wave.bakeTimeMs) }),
          ].filter((note) => note !== null);
          return (
            <li key={wave.wave} className="grid gap-2 border-line border-b px-4 py-3 last:border-b-0">
              <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
                <h3 className="font-medium">{name}</h3>
                <p className="text-ink-3 text-meta">
                  {[
                    wave.servers === 0
                      ? t("rollout.wave.empty")
                      : t("rollout.servers", { count: wave.servers }),
                    ...notes,
                  ].join(" · ")}
                </p>
              </div>
              {wave.servers === 0 ? null : cells === undefined || marks === undefined ? (
                <RowsSkeleton rows={1} />
              ) : (
                <WaveCells
                  label={t("rollout.cells-label", { wave: name })}
                  ids={cells.ids}
                  names={cells.names}
                  first={first}
                  marks={marks.slice(first, first + count)}
                  onOpen={onOpen}
                />
              )}
              <CountWords counts={wave.counts} />
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}

/** Who is in the rollout, asked once, and how each stands, asked again and again. */
function useCells(rolloutId: string) {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const filters = readMemberFilters(params);
  const cells = useQuery(
    trpc.rollouts.cells.queryOptions({ rolloutId }, { staleTime: Number.POSITIVE_INFINITY }),
  );
  const marks = useQuery(
    trpc.rollouts.marks.queryOptions(
      { rolloutId, ...(isFiltered(filters) ? filters : {}) },
      { placeholderData: keepPreviousData },
    ),
  );
  const hasOthers = marks.data !== undefined && cells.data?.ids.length !== marks.data.marks.length;
  const { refetch, isFetching } = cells;
  // A server was removed from the fleet, so the letters belong to other cells than those at hand.
  useEffect(() => {
    if (hasOthers && !isFetching) void refetch();
  }, [hasOthers, isFetching, refetch]);
  return {
    cells: cells.data,
    marks: hasOthers ? undefined : marks.data?.marks,
    error: cells.error ?? marks.error,
  };
}
