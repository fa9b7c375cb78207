"use client";
import { reputationOrder } from "@mailstead/core/reputation";
import { Send } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { readFleetFilters } from "./fleet-filters.ts";
import { reputationLevels } from "./reputation-word.tsx";
import { useFleet } from "./use-fleet.ts";
import { useReceiverName } from "./use-receiver-name.ts";

type Receiver = RouterOutputs["deliverability"]["fleet"]["receivers"][number];

/** How each receiver takes the mail of the fleet, the one with most trouble first. */
export function FleetReceiversPanel() {
  const { t } = useWords();
  const nameOf = useReceiverName();
  const [params] = useUrlParams();
  const query = useFleet();
  const fleet = query.data;
  const columns = useColumns();
  if (fleet === undefined) return <AwaitedPanel title={t("deliverability.receivers")} query={query} />;
  const { provider: chosen } = readFleetFilters(params);
  const receivers =
    chosen === undefined
      ? fleet.receivers
      : fleet.receivers.filter(({ provider }) => (provider ?? "other") === chosen);
  const hrefOf = ({ provider }: Receiver) => {
    const next = new URLSearchParams(params);
    next.set("provider", provider ?? "other");
    return `/deliverability?${next}`;
  };
  return (
    <Panel
      title={t("deliverability.receivers")}
      actions={
        <>
          {chosen === undefined ? null : (
            <Link href={allHref(params)} className="text-accent text-table hover:underline">
              {t("deliverability.all-receivers")}
            </Link>
          )}
          {fleet.toldAt === null ? null : (
            <span className="text-ink-3 text-meta">
              {t("deliverability.told")} <Ago at={fleet.toldAt} />
            </span>
          )}
        </>
      }
      isFlush
    >
      {receivers.length === 0 ? (
        <EmptyState
          icon={Send}
          title={t(fleet.toldAt === null ? "deliverability.untold-title" : "deliverability.empty-title")}
        >
          {t("deliverability.empty")}
        </EmptyState>
      ) : (
        <DataTable
          label={t("deliverability.receivers")}
          columns={columns}
          rows={receivers}
          rowId={(row) => row.provider ?? ""}
          rowName={(row) => nameOf(row.provider)}
          rowHref={hrefOf}
        />
      )}
    </Panel>
  );
}

/** The same page without the one receiver. */
function allHref(params: URLSearchParams): string {
  const next = new URLSearchParams(params);
  next.delete("provider");
  return next.size === 0 ? "/deliverability" : `/deliverability?${next}`;
}

function useColumns(): readonly Column<Receiver>[] {
  const { t, format } = useWords();
  const nameOf = useReceiverName();
  return useMemo(() => {
    const part = (count: number, of: number) => (
      <span className="figures whitespace-nowrap">
        {of === 0 ? "" : format.part(Math.min(count / of, 1))}
      </span>
    );
    return [
      {
        id: "receiver",
        header: t("deliverability.column.receiver"),
        cell: (row) => <span className="font-medium">{nameOf(row.provider)}</span>,
      },
      {
        id: "standings",
        header: t("deliverability.column.addresses"),
        cell: (row) => <StandingCounts standings={row.standings} />,
      },
      {
        id: "messages",
        header: t("deliverability.column.messages"),
        align: "right",
        from: "sm",
        cell: (row) => <span className="figures">{format.number(row.figures.messages)}</span>,
      },
      {
        id: "delivered",
        header: t("deliverability.column.delivered"),
        align: "right",
        from: "sm",
        cell: (row) => part(row.figures.delivered, row.figures.messages),
      },
      {
        id: "slowed",
        header: t("deliverability.column.slowed"),
        align: "right",
        from: "md",
        cell: (row) => part(row.figures.slowed, row.figures.messages),
      },
      {
        id: "blocked",
        header: t("deliverability.column.blocked"),
        align: "right",
        from: "md",
        cell: (row) => part(row.figures.blocked, row.figures.messages),
      },
    ];
  }, [t, format, nameOf]);
}

function StandingCounts({ standings }: Pick<Receiver, "standings">) {
  const { t, format } = useWords();
  return (
    <span className="flex flex-wrap gap-x-3">
      {reputationOrder
        .filter((reputation) => standings[reputation] > 0)
        .map((reputation) => (
          <LevelWord key={reputation} level={reputationLevels[reputation]}>
            <span className="figures">{format.number(standings[reputation])}</span>{" "}
            {t(`deliverability.counted.${reputation}`)}
          </LevelWord>
        ))}
    </span>
  );
}
