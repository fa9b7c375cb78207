"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Building2, MailCheck, Pencil, Plus, Server, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useMemo, useState } from "react";
import { exportHref } from "../../client/export-href.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useWholeList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Field, Input } from "../../components/field.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { searchTenants } from "./search-tenants.ts";

type Tenant = RouterOutputs["tenants"]["list"][number];
type Opened = { kind: "add" } | { kind: "rename"; tenant: Tenant } | { kind: "remove"; tenant: Tenant };

/** Whom we run mail for, and how much of it. */
export function CustomersScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [params, setParams] = useUrlParams();
  const search = params.get("q") ?? "";
  const query = useQuery(trpc.tenants.list.queryOptions());
  const found = useMemo(() => query.data && searchTenants(query.data, search), [query.data, search]);
  const list = useWholeList({ ...query, data: found });
  const close = async () => {
    setOpened(null);
    await queryClient.invalidateQueries({ queryKey: trpc.tenants.pathKey() });
  };
  const remove = useMutation(trpc.tenants.remove.mutationOptions({ onSuccess: close }));
  const columns = useTenantColumns(setOpened);
  const add = (
    <IfMay use="tenants.create">
      <Button look="primary" onClick={() => setOpened({ kind: "add" })}>
        <Plus aria-hidden="true" className="size-4" />
        {t("customers.add")}
      </Button>
    </IfMay>
  );
  return (
    <>
      <PageHeader title={t("customers.title")} actions={add} />
      <ListFrame
        name="customers"
        label={t("customers.title")}
        list={list}
        columns={columns}
        rowId={(tenant) => tenant.id}
        rowName={(tenant) => tenant.name}
        rowHref={(tenant) => `/servers?customer=${tenant.id}`}
        countWords={(count) => t("customers.count", { count })}
        exportHref={exportHref("customers", params)}
        isFiltered={search !== ""}
        onClearFilters={() => setParams({ q: null })}
        empty={
          <EmptyState icon={Building2} title={t("customers.empty-title")} action={add}>
            {t("customers.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("customers.none-match-title"), advice: t("customers.none-match") }}
        filters={
          <SearchBox label={t("customers.search")} value={search} onChange={(q) => setParams({ q })} />
        }
      />
      <Dialog
        isOpen={opened?.kind === "add" || opened?.kind === "rename"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={
          opened?.kind === "rename"
            ? t("customers.rename-title", { name: opened.tenant.name })
            : t("customers.add")
        }
      >
        <TenantForm
          tenant={opened?.kind === "rename" ? opened.tenant : null}
          onDone={close}
          onCancel={() => setOpened(null)}
        />
      </Dialog>
      <ConfirmDialog
        isOpen={opened?.kind === "remove"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={t("customers.remove-title", { name: opened?.kind === "remove" ? opened.tenant.name : "" })}
        consequence={<p>{t("customers.remove-consequence")}</p>}
        actionLabel={t("customers.remove")}
        {...(opened?.kind === "remove" ? { typedName: opened.tenant.name } : {})}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => opened?.kind === "remove" && remove.mutate({ tenantId: opened.tenant.id })}
      />
    </>
  );
}

function useTenantColumns(open: (opened: Opened) => void): readonly Column<Tenant>[] {
  const { t } = useWords();
  const may = useMay();
  const router = useRouter();
  return useMemo(() => {
    const icon = "size-3.5 text-ink-3";
    return [
      {
        id: "name",
        header: t("customers.column.name"),
        cell: (tenant) => <span className="font-medium">{tenant.name}</span>,
      },
      {
        id: "servers",
        header: t("customers.column.servers"),
        align: "right",
        cell: (tenant) => <CountLink href={`/servers?customer=${tenant.id}`} count={tenant.serverCount} />,
      },
      {
        id: "domains",
        header: t("customers.column.domains"),
        align: "right",
        cell: (tenant) => <CountLink href={`/domains?customer=${tenant.id}`} count={tenant.domainCount} />,
      },
      {
        id: "mailboxes",
        header: t("customers.column.mailboxes"),
        align: "right",
        from: "sm",
        cell: (tenant) => <CountLink href={`/mailboxes?customer=${tenant.id}`} count={tenant.mailboxCount} />,
      },
      {
        id: "since",
        header: t("customers.column.since"),
        align: "right",
        from: "md",
        cell: (tenant) => (
          <span className="text-ink-2">
            <Ago at={tenant.createdAt} />
          </span>
        ),
      },
      {
        id: "actions",
        header: t("table.actions"),
        isActions: true,
        align: "right",
        className: "w-12",
        cell: (tenant) => (
          <MoreMenu
            label={t("customers.actions-of", { name: tenant.name })}
            size="small"
            groups={[
              [
                {
                  label: t("customers.show-servers"),
                  icon: <Server aria-hidden="true" className={icon} />,
                  onSelect: () => router.push(`/servers?customer=${tenant.id}`),
                },
                {
                  label: t("customers.show-deliverability"),
                  icon: <MailCheck aria-hidden="true" className={icon} />,
                  onSelect: () => router.push(`/deliverability?customer=${tenant.id}`),
                },
                may("tenants.rename") && {
                  label: t("customers.rename"),
                  icon: <Pencil aria-hidden="true" className={icon} />,
                  onSelect: () => open({ kind: "rename", tenant }),
                },
              ],
              [
                may("tenants.remove") && {
                  label: t("customers.remove"),
                  icon: <Trash2 aria-hidden="true" className="size-3.5" />,
                  isDanger: true,
                  onSelect: () => open({ kind: "remove", tenant }),
                },
              ],
            ]}
          />
        ),
      },
    ];
  }, [t, may, open, router]);
}

/** How many of a customer's things there are, and the way to them. */
function CountLink({ href, count }: { href: string; count: number }) {
  const { format } = useWords();
  return (
    <Link href={href} tabIndex={-1} className="figures hover:text-accent hover:underline">
      {format.number(count)}
    </Link>
  );
}

function TenantForm({
  tenant,
  onDone,
  onCancel,
}: {
  tenant: Tenant | null;
  onDone: () => Promise<void>;
  onCancel: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const create = useMutation(trpc.tenants.create.mutationOptions({ onSuccess: onDone }));
  const rename = useMutation(trpc.tenants.rename.mutationOptions({ onSuccess: onDone }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (tenant === null) create.mutate({ name });
    else rename.mutate({ tenantId: tenant.id, name });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("customers.name")}>
        <Input
          name="name"
          required
          autoFocus
          maxLength={100}
          defaultValue={tenant?.name ?? ""}
          autoComplete="off"
        />
      </Field>
      <ProblemNote error={create.error ?? rename.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={create.isPending || rename.isPending}>
          {tenant === null ? t("customers.add") : t("customers.rename")}
        </Button>
      </DialogActions>
    </form>
  );
}
