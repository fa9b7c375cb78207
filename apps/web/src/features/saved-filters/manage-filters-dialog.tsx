"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Input } from "../../components/field.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";

type Filter = RouterOutputs["savedFilters"]["list"][number];

interface ManageFiltersProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  filters: readonly Filter[];
}

/** Saved filters to rename, remove, share and open the list with. */
export function ManageFiltersDialog({ isOpen, onOpenChange, filters }: ManageFiltersProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("filters.manage")}
      description={t("filters.manage-lead")}
    >
      {filters.length === 0 ? <p className="text-ink-3 text-table">{t("filters.none")}</p> : null}
      <ul className="divide-y divide-line">
        {filters.map((filter) => (
          <FilterLine key={filter.id} filter={filter} />
        ))}
      </ul>
    </Dialog>
  );
}

function FilterLine({ filter }: { filter: Filter }) {
  const { id: filterId, name, isShared, isDefault, madeBy } = filter;
  const { t } = useWords();
  const trpc = useTRPC();
  const may = useMay();
  const queryClient = useQueryClient();
  const [isRenaming, setRenaming] = useState(false);
  const again = {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.savedFilters.pathKey() });
      setRenaming(false);
    },
  };
  const rename = useMutation(trpc.savedFilters.rename.mutationOptions(again));
  const remove = useMutation(trpc.savedFilters.remove.mutationOptions(again));
  const share = useMutation(trpc.savedFilters.share.mutationOptions(again));
  const choose = useMutation(trpc.savedFilters.setDefault.mutationOptions(again));
  const mayChange = !isShared || may("savedFilters.share");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    rename.mutate({ filterId, name: String(new FormData(event.currentTarget).get("name")) });
  };
  return (
    <li className="grid gap-2 py-2 text-table">
      {isRenaming ? (
        <form onSubmit={submit} className="flex min-w-0 gap-2" autoComplete="off">
          <Input
            name="name"
            aria-label={t("filters.name")}
            defaultValue={name}
            required
            autoFocus
            maxLength={60}
          />
          <Button type="submit" look="primary" isBusy={rename.isPending}>
            {t("filters.save-action")}
          </Button>
          <Button onClick={() => setRenaming(false)}>{t("controls.cancel")}</Button>
        </form>
      ) : (
        <div className="flex items-center gap-3">
          <span className="grid min-w-0 flex-1">
            <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
            <span className="text-ink-3 text-meta">
              {[
                isShared ? t("filters.shared-by", { name: madeBy }) : t("filters.own"),
                ...(isDefault ? [t("filters.is-default")] : []),
              ].join(" · ")}
            </span>
          </span>
          <MoreMenu
            label={t("filters.more-of", { name })}
            groups={[
              [
                {
                  label: t(isDefault ? "filters.default-end" : "filters.default"),
                  onSelect: () => choose.mutate({ list: "servers", filterId: isDefault ? null : filterId }),
                },
                mayChange && { label: t("filters.rename"), onSelect: () => setRenaming(true) },
                may("savedFilters.share") && {
                  label: t(isShared ? "filters.share-end" : "filters.share"),
                  onSelect: () => share.mutate({ filterId, isShared: !isShared }),
                },
              ],
              [
                mayChange && {
                  label: t("filters.remove"),
                  isDanger: true,
                  onSelect: () => remove.mutate({ filterId }),
                },
              ],
            ]}
          />
        </div>
      )}
      <ProblemNote error={rename.error ?? remove.error ?? share.error ?? choose.error} />
    </li>
  );
}
