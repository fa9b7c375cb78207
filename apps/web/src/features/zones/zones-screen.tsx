"use client";
import { useQuery } from "@tanstack/react-query";
import { Plus, Waypoints } from "lucide-react";
import Link from "next/link";
import { useMemo } from "react";
import { exportHref } from "../../client/export-href.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useWholeList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Breakable } from "../../components/breakable.tsx";
import { Button } from "../../components/button.tsx";
import type { Column } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { LevelWord } from "../../components/level.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { HostZoneDialog } from "./host-zone-dialog.tsx";
import { searchZones } from "./search-zones.ts";
import { standingLevels } from "./zone-standing.ts";

type ZoneRow = RouterOutputs["zones"]["list"][number];

/** Which zones do our own servers answer for, and does the world know? */
export function ZonesScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const search = params.get("q") ?? "";
  const query = useQuery(trpc.zones.list.queryOptions({}));
  const found = useMemo(() => query.data && searchZones(query.data, search), [query.data, search]);
  const list = useWholeList({ ...query, data: found });
  const columns = useZoneColumns();
  const host = (
    <ForRole needed="technician">
      <Button look="primary" onClick={() => setParams({ host: "1" })}>
        <Plus aria-hidden="true" className="size-4" />
        {t("zones.host")}
      </Button>
    </ForRole>
  );
  return (
    <>
      <PageHeader title={t("zones.title")} actions={host} />
      <ListFrame
        name="zones"
        label={t("zones.title")}
        list={list}
        columns={columns}
        rowId={(zone) => zone.id}
        rowName={(zone) => zone.name}
        rowHref={(zone) => `/zones/${zone.id}`}
        countWords={(count) => t("zones.count", { count })}
        exportHref={exportHref("zones", params)}
        isFiltered={search !== ""}
        onClearFilters={() => setParams({ q: null })}
        empty={
          <EmptyState icon={Waypoints} title={t("zones.empty-title")} action={host}>
            {t("zones.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("zones.none-match-title"), advice: t("zones.none-match") }}
        filters={<SearchBox label={t("zones.search")} value={search} onChange={(q) => setParams({ q })} />}
      />
      <HostZoneDialog
        isOpen={params.get("host") !== null}
        name={params.get("zone") ?? ""}
        onOpenChange={(isOpen) => setParams(isOpen ? { host: "1" } : { host: null, zone: null })}
      />
    </>
  );
}

function useZoneColumns(): readonly Column<ZoneRow>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "zone",
        header: t("zones.column.zone"),
        cell: (zone) => (
          <Link href={`/zones/${zone.id}`} tabIndex={-1} className="font-medium font-mono hover:underline">
            <Breakable name={zone.name} />
          </Link>
        ),
      },
      {
        id: "standing",
        header: t("zones.column.standing"),
        cell: (zone) => (
          <LevelWord level={standingLevels[zone.standing]}>{t(`zones.standing.${zone.standing}`)}</LevelWord>
        ),
      },
      {
        id: "customer",
        header: t("zones.column.customer"),
        from: "sm",
        cell: (zone) => <span className="block max-w-48 truncate text-ink-2">{zone.tenantName}</span>,
      },
      {
        id: "primary",
        header: t("zones.column.primary"),
        from: "md",
        cell: (zone) => <span className="text-ink-2">{zone.primary}</span>,
      },
      {
        id: "secondary",
        header: t("zones.column.secondary"),
        from: "md",
        cell: (zone) => <span className="text-ink-2">{zone.secondary}</span>,
      },
      {
        id: "records",
        header: t("zones.column.records"),
        align: "right",
        from: "lg",
        cell: (zone) => format.number(zone.recordCount),
      },
      {
        id: "checked",
        header: t("zones.column.checked"),
        align: "right",
        from: "lg",
        cell: (zone) => (
          <span className="text-ink-2">
            {zone.checkedAt === null ? <span className="text-ink-3">–</span> : <Ago at={zone.checkedAt} />}
          </span>
        ),
      },
    ],
    [t, format],
  );
}
