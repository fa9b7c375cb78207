"use client";
import { useQuery } from "@tanstack/react-query";
import { Hourglass, Lock, RefreshCw, SearchX, Unplug } from "lucide-react";
import { useCallback, useEffect, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { DataTable, type Selection } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { QueueActions } from "./queue-actions.tsx";
import { useQueueColumns } from "./queue-columns.tsx";
import { QueueFilterBar } from "./queue-filter-bar.tsx";
import { isFiltered, noFilters, type QueueFilters } from "./queue-filters.ts";
import { QueuePager } from "./queue-pager.tsx";
import { QueuedDetails } from "./queued-details.tsx";
import { useQueueFilters } from "./use-queue-filters.ts";
import { type QueuePage, type QueueReading, useQueueReading } from "./use-queue-reading.ts";

/** What waits on one server, and what can be done with it. */
export function QueueScreen({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const server = useQuery(trpc.servers.get.queryOptions({ serverId })).data;
  const [filters, setFilters] = useQueueFilters();
  const mayRead = may("mailQueue.read") && may("mailQueue.page");
  if (mayRead && server?.isConnected === false)
    return (
      <Panel isFlush>
        <EmptyState icon={Unplug} title={t("queue.offline-title", { name: server.name })}>
          {t("queue.offline-lead")}
        </EmptyState>
      </Panel>
    );
  if (mayRead)
    return filters === null ? (
      <Panel isFlush>
        <Waiting />
      </Panel>
    ) : (
      <Queue serverId={serverId} filters={filters} onFilter={setFilters} />
    );
  return (
    <Panel isFlush>
      <EmptyState icon={Lock} title={t("queue.forbidden-title")}>
        {t("queue.forbidden")}
      </EmptyState>
    </Panel>
  );
}

interface QueueProps {
  serverId: string;
  filters: QueueFilters;
  onFilter: (filters: QueueFilters) => void;
}

function Queue({ serverId, filters, onFilter }: QueueProps) {
  const { t } = useWords();
  // How many are passed over counts for what was filtered so; of anything else it begins anew.
  const [passed, pass] = useState({ filters, skip: 0 });
  const skip = passed.filters === filters ? passed.skip : 0;
  const setSkip = useCallback((next: number) => pass({ filters, skip: next }), [filters]);
  const [selection, setSelection] = useState<Selection>({});
  const reading = useQueueReading({ serverId, filters, skip });
  const columns = useQueueColumns();
  const page = useReachedPage(reading, setSkip);
  // What is selected must be in sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page is what unselects
  useEffect(() => setSelection({}), [page]);
  const selected = page?.messages.filter(({ queueId }) => selection[queueId]) ?? [];
  return (
    <Panel
      title={t("queue.on-server")}
      description={t("queue.on-server-lead")}
      actions={
        <>
          {page === null ? null : (
            <span className="text-ink-3 text-meta">
              {t("queue.read-at")} <Ago at={new Date(page.readAt)} />
            </span>
          )}
          <Button onClick={reading.read} isBusy={reading.isReading}>
            <RefreshCw aria-hidden="true" className="size-3.5" />
            {t("queue.refresh")}
          </Button>
        </>
      }
      isFlush
    >
      <QueueFilterBar page={page} filters={filters} onChange={onFilter} />
      <Trouble reading={reading} />
      {page === null ? null : (
        <QueueActions
          queues={[{ serverId, readAt: page.readAt, matching: page.matching }]}
          filters={filters}
          selected={selected.map((message) => ({ ...message, serverId }))}
          onDone={reading.read}
          isStale={reading.isReading}
        />
      )}
      {page === null ? (
        reading.isReading ? (
          <Waiting />
        ) : null
      ) : page.messages.length === 0 ? (
        isFiltered(filters) ? (
          <EmptyState
            icon={SearchX}
            title={t("queue.none-match-title")}
            action={<Button onClick={() => onFilter(noFilters)}>{t("table.clear-filters")}</Button>}
          >
            {t("queue.none-match")}
          </EmptyState>
        ) : (
          <EmptyState icon={Hourglass} title={t("queue.none-title")}>
            {t("queue.none")}
          </EmptyState>
        )
      ) : (
        <>
          <DataTable
            label={t("queue.on-server")}
            columns={columns}
            rows={page.messages}
            rowId={(row) => row.queueId}
            rowName={(row) => row.queueId}
            details={(row) => <QueuedDetails message={row} serverId={serverId} />}
            selection={selection}
            onSelectionChange={setSelection}
          />
          {page.matching > page.messages.length ? (
            <QueuePager page={page} isReading={reading.isReading} onSkip={setSkip} />
          ) : null}
        </>
      )}
    </Panel>
  );
}

/** The page that was read; null for one behind the end of a queue that has become shorter: then it begins anew. */
function useReachedPage({ page }: QueueReading, setSkip: (skip: number) => void): QueuePage | null {
  const isBehindEnd = page !== null && page.skip > 0 && page.messages.length === 0;
  useEffect(() => {
    if (isBehindEnd) setSkip(0);
  }, [isBehindEnd, setSkip]);
  return isBehindEnd ? null : page;
}

// A short queue is listed within a second.
const slowAfterMs = 5000;

function Waiting() {
  const { t } = useWords();
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <>
      <p className="px-4 py-2.5 text-ink-2 text-table" role="status">
        {t(isSlow ? "queue.slow" : "queue.reading")}
      </p>
      <RowsSkeleton rows={6} />
    </>
  );
}

function Trouble({ reading }: { reading: ReturnType<typeof useQueueReading> }) {
  const { t } = useWords();
  if (!reading.hasFailed && reading.error === null) return null;
  return (
    <div className="grid gap-2 px-4 py-3 text-table">
      <ProblemNote error={reading.error} />
      {reading.hasFailed ? (
        <LevelSentence level="trouble">
          {t("queue.failed")} {reading.problem}
        </LevelSentence>
      ) : null}
    </div>
  );
}
