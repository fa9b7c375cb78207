"use client";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Mails, UserPlus } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { CustomerFilter } from "../tenants/customer-filter.tsx";
import { AddMailboxDialog } from "./add-mailbox-dialog.tsx";
import { useMailboxColumns } from "./mailbox-columns.tsx";
import { readMailboxFilters } from "./mailbox-filters.ts";

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
    <IfMay use="mailboxes.create">
      <Button look="primary" onClick={() => setParams({ add: "1" })}>
        <UserPlus aria-hidden="true" className="size-4" />
        {t("mailboxes.add")}
      </Button>
    </IfMay>
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
        <IfMay use="mailboxes.create">
          <AddMailboxDialog
            domain={domain}
            isOpen={params.get("add") === "1"}
            onOpenChange={(isOpen) => setParams({ add: isOpen ? "1" : null })}
          />
        </IfMay>
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
  const filters = readMailboxFilters(params, domainId);
  const list = useList(
    useInfiniteQuery(
      trpc.mailboxes.find.infiniteQueryOptions(filters, { ...paging, placeholderData: keepPreviousData }),
    ),
    "mailboxes",
  );
  const columns = useMailboxColumns(domainId === undefined);
  return (
    <ListFrame
      name="mailboxes"
      label={t("mailboxes.title")}
      list={list}
      columns={columns}
      rowId={(row) => row.id}
      rowName={(row) => row.address}
      countWords={(count) => t("mailboxes.count", { count })}
      exportHref={exportHref("mailboxes", params, domainId === undefined ? {} : { domain: domainId })}
      isFiltered={filters.search !== undefined || filters.tenantId !== undefined}
      onClearFilters={() => setParams({ q: null, customer: null })}
      action={action}
      empty={empty}
      noneMatch={{ title: t("mailboxes.none-match-title"), advice: t("mailboxes.none-match") }}
      filters={
        <>
          <SearchBox
            label={t("mailboxes.search")}
            value={filters.search ?? ""}
            onChange={(q) => setParams({ q })}
          />
          {domainId === undefined ? (
            <CustomerFilter value={filters.tenantId ?? ""} onChange={(customer) => setParams({ customer })} />
          ) : null}
        </>
      }
    />
  );
}
