"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Globe, Plus } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Breakable } from "../../components/breakable.tsx";
import { Button } from "../../components/button.tsx";
import type { Column } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { LevelWord } from "../../components/level.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Ago, useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { AddDomainDialog } from "./add-domain-dialog.tsx";
import { isOutdated } from "./check-age.ts";
import { readDomainFilters } from "./domain-filters.ts";

type DomainRow = RouterOutputs["domains"]["list"]["domains"][number];

/** Does the world agree that our domains are right? */
export function DomainsScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const filters = readDomainFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.domains.list.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "domains",
  );
  const columns = useDomainColumns();
  const add = (
    <ForRole needed="technician">
      <Button look="primary" onClick={() => setParams({ add: "1" })}>
        <Plus aria-hidden="true" className="size-4" />
        {t("domains.add")}
      </Button>
    </ForRole>
  );
  return (
    <>
      <PageHeader title={t("domains.title")} actions={add} />
      <ListFrame
        name="domains"
        label={t("domains.title")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => row.name}
        rowHref={(row) => `/domains/${row.id}`}
        countWords={(count) => t("domains.count", { count })}
        exportHref={exportHref("domains", params)}
        isFiltered={filters.search !== undefined || filters.tenantId !== undefined}
        onClearFilters={() => setParams({ q: null, customer: null })}
        empty={
          <EmptyState icon={Globe} title={t("domains.empty-title")} action={add}>
            {t("domains.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("domains.none-match-title"), advice: t("domains.none-match") }}
        filters={
          <>
            <SearchBox
              label={t("domains.search")}
              value={filters.search ?? ""}
              onChange={(q) => setParams({ q })}
            />
            <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
          </>
        }
      />
      <AddDomainDialog
        isOpen={params.get("add") === "1"}
        onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
      />
    </>
  );
}

function useDomainColumns(): readonly Column<DomainRow>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "domain",
        header: t("domains.column.domain"),
        cell: (row) => (
          <Link href={`/domains/${row.id}`} tabIndex={-1} className="font-medium font-mono hover:underline">
            <Breakable name={row.unicodeName} />
          </Link>
        ),
      },
      { id: "records", header: t("domains.column.records"), cell: (row) => <RecordsCell row={row} /> },
      {
        id: "customer",
        header: t("domains.column.customer"),
        from: "sm",
        cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
      },
      {
        id: "servers",
        header: t("domains.column.servers"),
        from: "lg",
        cell: (row) => (
          <span className="grid text-ink-2">
            {row.serverNames.map((name) => (
              <span key={name} className="whitespace-nowrap">
                {name}
              </span>
            ))}
          </span>
        ),
      },
      {
        id: "mailboxes",
        header: t("domains.column.mailboxes"),
        align: "right",
        from: "md",
        cell: (row) => format.number(row.mailboxCount),
      },
      {
        id: "signing",
        header: t("domains.column.signing"),
        from: "md",
        cell: (row) => (
          <LevelWord level={row.isSigning ? "good" : "attention"}>
            {row.isSigning ? t("domains.signing") : t("domains.not-signing")}
          </LevelWord>
        ),
      },
      {
        id: "checked",
        header: t("domains.column.checked"),
        align: "right",
        from: "lg",
        cell: (row) => (
          <span className="text-ink-2">
            {row.checkedAt === null ? <span className="text-ink-3">–</span> : <Ago at={row.checkedAt} />}
          </span>
        ),
      },
    ],
    [t, format],
  );
}

function RecordsCell({ row }: { row: DomainRow }) {
  const { t, format } = useWords();
  const now = useNow();
  if (row.checkedAt !== null && isOutdated(row.checkedAt, now))
    return (
      <span className="grid leading-tight">
        <LevelWord level="unknown">{t("domains.health.outdated")}</LevelWord>
        <span className="whitespace-nowrap pl-5 text-ink-3 text-meta">
          {t("domains.since", { day: format.day(row.checkedAt) })}
        </span>
      </span>
    );
  return <LevelWord level={row.level}>{t(`domains.health.${row.health}`)}</LevelWord>;
}
