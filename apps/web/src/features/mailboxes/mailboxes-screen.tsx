"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Mails, SearchX, UserPlus } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useMemo } from "react";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import { DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { FilterBar, SearchBox } from "../../components/filter-bar.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { AddMailboxDialog } from "./add-mailbox-dialog.tsx";
import { useMailboxColumns } from "./mailbox-columns.tsx";
import { mailboxQuery } from "./mailbox-query.ts";

/** All mailboxes of all domains. */
export function MailboxesScreen() {
  const { t } = useWords();
  return (
    <>
      <PageHeader title={t("mailboxes.title")} />
      <MailboxTable
        empty={
          <EmptyState
            icon={Mails}
            title={t("mailboxes.empty-title")}
            action={
              <Button asChild look="primary">
                <Link href="/domains">{t("mailboxes.go-to-domains")}</Link>
              </Button>
            }
          >
            {t("mailboxes.empty-everywhere")}
          </EmptyState>
        }
      />
    </>
  );
}

/** The mailboxes of one domain, where new ones are made. */
export function DomainMailboxes({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const domain = useQuery(trpc.domains.get.queryOptions({ domainId })).data;
  const [params, setParams] = useUrlParams();
  const add = (
    <Button look="primary" onClick={() => setParams({ add: "1" })}>
      <UserPlus aria-hidden="true" className="size-4" />
      {t("mailboxes.add")}
    </Button>
  );
  return (
    <>
      <MailboxTable
        domainId={domainId}
        action={add}
        empty={
          <EmptyState icon={Mails} title={t("mailboxes.empty-title")} action={add}>
            {t("mailboxes.empty")}
          </EmptyState>
        }
      />
      {domain === undefined ? null : (
        <AddMailboxDialog
          domain={domain}
          isOpen={params.get("add") === "1"}
          onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
        />
      )}
    </>
  );
}

function MailboxTable({
  domainId,
  action,
  empty,
}: {
  domainId?: string;
  action?: ReactNode;
  empty: ReactNode;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params, setParams] = useUrlParams();
  const search = params.get("q") ?? "";
  const pages = useInfiniteQuery(
    trpc.mailboxes.find.infiniteQueryOptions(mailboxQuery(domainId, search), {
      ...paging,
      placeholderData: keepPreviousData,
    }),
  );
  const columns = useMailboxColumns(domainId === undefined);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.mailboxes) ?? [], [pages.data]);
  const isEmpty = pages.isSuccess && rows.length === 0;
  return (
    <div className="rounded-ui border border-line bg-surface">
      <ProblemNote error={pages.error} />
      {isEmpty && search === "" ? (
        empty
      ) : (
        <>
          <FilterBar>
            <SearchBox label={t("mailboxes.search")} value={search} onChange={(q) => setParams({ q })} />
            <span className="figures ml-auto px-2 text-ink-3 text-meta" role="status">
              {pages.isSuccess ? t("mailboxes.count", { count: pages.data.pages[0]?.total ?? 0 }) : null}
            </span>
            {action}
          </FilterBar>
          {pages.isPending ? <RowsSkeleton /> : null}
          {isEmpty ? (
            <EmptyState icon={SearchX} title={t("mailboxes.none-match-title")}>
              {t("mailboxes.none-match")}
            </EmptyState>
          ) : null}
          {rows.length > 0 ? (
            <DataTable
              label={t("mailboxes.title")}
              columns={columns}
              rows={rows}
              rowId={(row) => row.id}
              rowName={(row) => row.address}
            />
          ) : null}
          {pages.hasNextPage ? (
            <div className="grid justify-items-center border-line border-t p-3">
              <Button
                size="small"
                isBusy={pages.isFetchingNextPage}
                onClick={() => void pages.fetchNextPage()}
              >
                {t("controls.load-more")}
              </Button>
            </div>
          ) : null}
        </>
      )}
    </div>
  );
}
