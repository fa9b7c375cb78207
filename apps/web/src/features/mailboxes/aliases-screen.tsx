"use client";
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { AtSign, Plus, Trash2 } from "lucide-react";
import { type FormEvent, useMemo, useState } from "react";
import { exportHref } from "../../client/export-href.ts";
import { paging } from "../../client/paging.ts";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useList } from "../../client/use-list.ts";
import { useUrlParams } from "../../client/use-url-params.ts";
import { Breakable } from "../../components/breakable.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Field, InputWithSuffix, SwitchField, TextArea } from "../../components/field.tsx";
import { SearchBox } from "../../components/filter-bar.tsx";
import { ListFrame } from "../../components/list-frame.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { aliasQuery } from "./alias-query.ts";
import { useMailboxCache } from "./use-mailbox-cache.ts";

type Alias = RouterOutputs["mailboxes"]["aliases"]["aliases"][number];
type Opened = { kind: "add" } | { kind: "edit"; alias: Alias } | { kind: "remove"; alias: Alias };

/** The aliases of a domain, the catch-all first. */
export function AliasesScreen({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMailboxCache();
  const domain = useQuery(trpc.domains.get.queryOptions({ domainId })).data;
  const [params, setParams] = useUrlParams();
  const search = params.get("q") ?? "";
  const list = useList(
    useInfiniteQuery(
      trpc.mailboxes.aliases.infiniteQueryOptions(aliasQuery(domainId, search), {
        ...paging,
        placeholderData: keepPreviousData,
      }),
    ),
    "aliases",
  );
  const [opened, setOpened] = useState<Opened | null>(null);
  const remove = useMutation(
    trpc.mailboxes.removeAlias.mutationOptions({
      onSuccess: async () => {
        setOpened(null);
        await cache.refresh();
      },
    }),
  );
  const columns = useMemo<readonly Column<Alias>[]>(
    () => [
      {
        id: "address",
        header: t("aliases.column.address"),
        cell: (alias) => (
          <span className="grid gap-0.5 py-1">
            <span className="font-medium">
              {alias.isCatchAll ? (
                <>
                  {t("aliases.catch-all")} <span className="font-normal text-ink-3">{alias.address}</span>
                </>
              ) : (
                <Breakable name={alias.address} />
              )}
            </span>
            <span className="grid text-ink-3 text-meta sm:hidden">
              <Destinations of={alias} />
            </span>
          </span>
        ),
      },
      {
        id: "destinations",
        header: t("aliases.column.destinations"),
        from: "sm",
        cell: (alias) => (
          <span className="grid py-1 text-ink-2">
            <Destinations of={alias} />
          </span>
        ),
      },
      {
        id: "actions",
        header: t("table.actions"),
        isActions: true,
        align: "right",
        className: "whitespace-nowrap",
        cell: (alias) => (
          <span className="inline-flex items-center">
            <IfMay use="mailboxes.changeAlias">
              <Button
                size="small"
                look="quiet"
                aria-label={t("aliases.edit", { address: alias.address })}
                onClick={() => setOpened({ kind: "edit", alias })}
              >
                {t("aliases.change")}
              </Button>
            </IfMay>
            <IfMay use="mailboxes.removeAlias">
              <IconButton
                size="small"
                look="quiet-danger"
                label={t("aliases.remove-named", { address: alias.address })}
                onClick={() => setOpened({ kind: "remove", alias })}
              >
                <Trash2 aria-hidden="true" className="size-3.5" />
              </IconButton>
            </IfMay>
          </span>
        ),
      },
    ],
    [t],
  );
  const add = (
    <IfMay use="mailboxes.createAlias">
      <Button look="primary" onClick={() => setOpened({ kind: "add" })}>
        <Plus aria-hidden="true" className="size-4" />
        {t("aliases.add")}
      </Button>
    </IfMay>
  );
  return (
    <>
      <ListFrame
        name="aliases"
        label={t("aliases.title")}
        list={list}
        columns={columns}
        rowId={(alias) => alias.id}
        rowName={(alias) => alias.address}
        countWords={(count) => t("aliases.count", { count })}
        exportHref={exportHref("aliases", params, { domain: domainId })}
        isFiltered={search !== ""}
        onClearFilters={() => setParams({ q: null })}
        action={add}
        empty={
          <EmptyState icon={AtSign} title={t("aliases.empty-title")} action={add}>
            {t("aliases.empty")}
          </EmptyState>
        }
        noneMatch={{ title: t("aliases.none-match-title"), advice: t("aliases.none-match") }}
        filters={<SearchBox label={t("aliases.search")} value={search} onChange={(q) => setParams({ q })} />}
      />
      <Dialog
        isOpen={opened?.kind === "add" || opened?.kind === "edit"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={
          opened?.kind === "edit"
            ? t("aliases.edit-title", { address: opened.alias.address })
            : t("aliases.add")
        }
      >
        {domain === undefined ? null : (
          <AliasForm
            domain={domain}
            alias={opened?.kind === "edit" ? opened.alias : null}
            onClose={() => setOpened(null)}
          />
        )}
      </Dialog>
      <ConfirmDialog
        isOpen={opened?.kind === "remove"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={t("aliases.remove-title", { address: opened?.kind === "remove" ? opened.alias.address : "" })}
        consequence={<p>{t("aliases.remove-consequence")}</p>}
        actionLabel={t("controls.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => opened?.kind === "remove" && remove.mutate({ aliasId: opened.alias.id })}
      />
    </>
  );
}

function Destinations({ of: { destinations } }: { of: Alias }) {
  return destinations.map((destination) => <Breakable key={destination} name={destination} />);
}

function AliasForm({
  domain,
  alias,
  onClose,
}: {
  domain: { id: string; name: string };
  alias: Alias | null;
  onClose: () => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMailboxCache();
  const [isCatchAll, setCatchAll] = useState(false);
  const done = {
    onSuccess: async () => {
      onClose();
      await cache.refresh();
    },
  };
  const create = useMutation(trpc.mailboxes.createAlias.mutationOptions(done));
  const change = useMutation(trpc.mailboxes.changeAlias.mutationOptions(done));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const destinations = String(form.get("destinations"))
      .split(/[\s,;]+/)
      .filter(Boolean);
    if (alias !== null) return change.mutate({ aliasId: alias.id, destinations });
    const localPart = String(form.get("localPart") ?? "").trim();
    create.mutate({ domainId: domain.id, destinations, ...(isCatchAll ? { isCatchAll } : { localPart }) });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {alias === null ? (
        <>
          {isCatchAll ? null : (
            <Field label={t("aliases.local-part")}>
              <InputWithSuffix
                name="localPart"
                suffix={`@${domain.name}`}
                required
                autoFocus
                autoCapitalize="none"
                autoComplete="off"
                spellCheck={false}
              />
            </Field>
          )}
          <SwitchField
            label={t("aliases.catch-all")}
            hint={t("aliases.catch-all-hint")}
            isOn={isCatchAll}
            onChange={setCatchAll}
          />
        </>
      ) : null}
      <Field label={t("aliases.destinations")} hint={t("aliases.destinations-hint")}>
        <TextArea
          name="destinations"
          required
          rows={4}
          defaultValue={alias?.destinations.join("\n") ?? ""}
          autoCapitalize="none"
          spellCheck={false}
        />
      </Field>
      <ProblemNote error={create.error ?? change.error} />
      <DialogActions>
        <Button onClick={onClose}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={create.isPending || change.isPending}>
          {alias === null ? t("aliases.add") : t("controls.save")}
        </Button>
      </DialogActions>
    </form>
  );
}
