"use client";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FixFilter } from "./fix-filter.tsx";
import { SecurityListNotes } from "./security-list-notes.tsx";
import { cveHref, readCveFilters } from "./update-filters.ts";
import { useCveColumns } from "./use-cve-columns.tsx";

/** To which CVEs one server is open. */
export function ServerCves({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const { fix } = readCveFilters(params);
  const list = useList(
    useInfiniteQuery(
      trpc.updates.cvesOf.infiniteQueryOptions(
        { serverId, fix },
        { ...paging, placeholderData: keepPreviousData },
      ),
    ),
    "cves",
  );
  const columns = useCveColumns({ isOfFleet: false });
  return (
    <section className="grid gap-2">
      <h2 className="font-semibold text-heading">{t("software.cves")}</h2>
      <SecurityListNotes />
      <ListFrame
        name="server-cves"
        label={t("software.cves")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        rowName={(row) => `${row.cve} ${row.sourceName}`}
        rowHref={(row) => cveHref(row.cve)}
        countWords={(count) => t("cves.count", { count })}
        exportHref={exportHref("server-cves", params, { server: serverId })}
        isFiltered={fix !== undefined}
        onClearFilters={() => setParams({ fix: null })}
        empty={
          <EmptyState icon={ShieldCheck} title={t("cves.empty-title")}>
            {t("cves.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("cves.none-title"), advice: t("cves.none") }}
        filters={<FixFilter value={fix} onChange={(wanted) => setParams({ fix: wanted })} />}
      />
    </section>
  );
}
