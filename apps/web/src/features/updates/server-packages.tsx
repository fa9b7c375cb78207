"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { PackageOpen } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import type { Column } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { packageHref, readUpdateFilters } from "./update-filters.ts";

type Row = RouterOutputs["updates"]["packagesOf"]["packages"][number];

/** What is installed on one server, by name. */
export function ServerPackages({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const { search } = readUpdateFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.updates.packagesOf.infiniteQueryOptions(
        { serverId, search },
        { ...paging, placeholderData: keepPreviousData },
      ),
    ),
    "packages",
  );
  const columns = usePackageColumns();
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-heading">{t("software.packages")}</h2>
      <ListFrame
        name="server-packages"
        label={t("software.packages")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => packageHref(row.name)}
        countWords={(count) => t("software.packages-total", { count })}
        exportHref={exportHref("server-packages", params, { server: serverId })}
        isFiltered={search !== undefined}
        onClearFilters={() => setParams({ q: null })}
        empty={
          <EmptyState icon={PackageOpen} title={t("software.packages-empty-title")}>
            {t("software.packages-empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("software.packages-none-title"), advice: t("software.packages-none") }}
        filters={
          <SearchBox
            label={t("software.packages-search")}
            value={search ?? ""}
            onChange={(q) => setParams({ q })}
          />
        }
      />
    </section>
  );
}

function usePackageColumns(): readonly Column<Row>[] {
  const { t } = useWords();
  return useMemo(
    () => [
      {
        id: "package",
        header: t("updates.column.package"),
        cell: (row) => (
          <Link
            href={packageHref(row.name)}
            tabIndex={-1}
            className="font-medium hover:underline [overflow-wrap:anywhere]"
          >
            {row.name}
          </Link>
        ),
      },
      {
        id: "installed",
        header: t("updates.column.installed"),
        cell: (row) => <span className="font-mono text-meta [overflow-wrap:anywhere]">{row.version}</span>,
      },
      {
        id: "waits",
        header: t("updates.column.waits"),
        from: "md",
        cell: (row) => (
          <span className="font-mono text-ink-2 text-meta [overflow-wrap:anywhere]">{row.to ?? "–"}</span>
        ),
      },
      {
        id: "source",
        header: t("updates.column.source"),
        from: "lg",
        cell: (row) => <span className="text-ink-2 [overflow-wrap:anywhere]">{row.sourceName}</span>,
      },
      {
        id: "architecture",
        header: t("updates.column.architecture"),
        from: "lg",
        isHiddenAtFirst: true,
        cell: (row) => <span className="text-ink-2">{row.architecture}</span>,
      },
    ],
    [t],
  );
}
