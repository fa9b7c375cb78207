"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Customer = RouterOutputs["rollouts"]["health"]["customers"][number];

/** Each customer's mail before and after. */
export function CustomersPanel({ rolloutId }: { rolloutId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const list = useList(
    useInfiniteQuery(
      trpc.rollouts.health.infiniteQueryOptions(
        { rolloutId },
        { ...paging, placeholderData: keepPreviousData },
      ),
    ),
    "customers",
  );
  const columns = useColumns();
  const looked = list.rows.filter((row) => row.looked > 0);
  return (
    <Panel title={t("rollout.health")} description={t("rollout.health-lead")} isFlush>
      <ProblemNote error={list.error} />
      {looked.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("rollout.health.none")}</p>
      ) : (
        <DataTable
          label={t("rollout.health")}
          columns={columns}
          rows={looked}
          rowId={(row) => row.id}
          rowName={(row) => row.name}
          total={list.total}
        />
      )}
      {list.hasMore ? (
        <div className="border-line border-t p-2 text-center">
          <Button look="quiet" size="small" onClick={list.loadMore} isBusy={list.isLoadingMore}>
            {t("rollouts.more")}
          </Button>
        </div>
      ) : null}
    </Panel>
  );
}

function useColumns(): readonly Column<Customer>[] {
  const { t, format } = useWords();
  const figure = (key: "queueMessages" | "deferred" | "bounced") => (row: Customer) => (
    <Change before={format.number(row.before[key])} after={format.number(row.after[key])} />
  );
  const delivered = ({ attempts, delivered: sent }: Customer["hoursBefore"]) =>
    attempts === 0 ? "–" : format.part(sent / attempts);
  return [
    {
      id: "customer",
      header: t("rollout.health.customer"),
      cell: (row) => <span className="font-medium [overflow-wrap:anywhere]">{row.name}</span>,
    },
    {
      id: "well",
      header: t("rollout.health.well"),
      align: "right",
      cell: (row) => (
        <span className="inline-flex items-center gap-1.5">
          <LevelIcon level={row.after.well < row.before.well ? "trouble" : "good"} />
          <Change
            before={t("rollout.progress.of", { part: row.before.well, whole: row.looked })}
            after={t("rollout.progress.of", { part: row.after.well, whole: row.looked })}
            isWorse={row.after.well < row.before.well}
          />
        </span>
      ),
    },
    {
      id: "queue",
      header: t("rollout.health.queue"),
      align: "right",
      from: "sm",
      cell: figure("queueMessages"),
    },
    {
      id: "deferred",
      header: t("rollout.health.deferred"),
      align: "right",
      from: "md",
      cell: figure("deferred"),
    },
    {
      id: "bounced",
      header: t("rollout.health.bounced"),
      align: "right",
      from: "md",
      cell: figure("bounced"),
    },
    {
      id: "delivered",
      header: t("rollout.health.delivered"),
      align: "right",
      from: "sm",
      cell: (row) => <Change before={delivered(row.hoursBefore)} after={delivered(row.hoursAfter)} />,
    },
  ];
}

function Change({ before, after, isWorse = false }: { before: string; after: string; isWorse?: boolean }) {
  const { t } = useWords();
  return (
    <span
      className={classNames(
        "figures whitespace-nowrap",
        isWorse ? "font-medium text-trouble" : before === after ? "text-ink-2" : "text-ink",
      )}
    >
      {before === after ? after : t("rollout.health.to", { before, after })}
    </span>
  );
}
