"use client";
import { useQuery } from "@tanstack/react-query";
import { Bookmark, Check, Plus, Settings2 } from "lucide-react";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { Menu } from "../../components/menu.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { changesTo, filterInAddress } from "./filter-in-address.ts";
import { ManageFiltersDialog } from "./manage-filters-dialog.tsx";
import { SaveFilterDialog } from "./save-filter-dialog.tsx";

interface SavedFiltersMenuProps {
  params: URLSearchParams;
  onChange: (changes: Record<string, string | null>) => void;
}

/** The saved filters of a list: choose one, save what is asked for now, or manage them. */
export function SavedFiltersMenu({ params, onChange }: SavedFiltersMenuProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const filters = useQuery(trpc.savedFilters.list.queryOptions({ list: "servers" }));
  const [open, setOpen] = useState<"save" | "manage" | null>(null);
  const asked = filterInAddress(params);
  const known = filters.data ?? [];
  const current = known.find(({ query }) => query === asked);
  const mark = (isChosen: boolean) => (
    <Check aria-hidden="true" className={classNames("size-3.5", !isChosen && "invisible")} />
  );
  const icon = "size-3.5 text-ink-3";
  const close = (isOpen: boolean) => (isOpen ? undefined : setOpen(null));
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button size="small" className="max-w-48">
            <Bookmark aria-hidden="true" className="size-3.5 shrink-0" />
            <span className="truncate">{current?.name ?? t("filters.saved")}</span>
          </Button>
        }
        groups={[
          [
            {
              label: t("filters.all"),
              icon: mark(asked === ""),
              onSelect: () => onChange(changesTo(null)),
            },
            ...known.map(({ name, query, isShared, isDefault }) => ({
              label: [name, isShared && t("filters.is-shared"), isDefault && t("filters.is-default")]
                .filter((part) => part !== false)
                .join(" · "),
              icon: mark(query === asked),
              onSelect: () => onChange(changesTo(query)),
            })),
          ],
          [
            {
              label: t("filters.save"),
              icon: <Plus aria-hidden="true" className={icon} />,
              isDisabled: asked === "" || current !== undefined,
              onSelect: () => setOpen("save"),
            },
            known.length > 0 && {
              label: t("filters.manage"),
              icon: <Settings2 aria-hidden="true" className={icon} />,
              onSelect: () => setOpen("manage"),
            },
          ],
        ]}
      />
      <SaveFilterDialog isOpen={open === "save"} onOpenChange={close} query={asked} />
      <ManageFiltersDialog isOpen={open === "manage"} onOpenChange={close} filters={known} />
    </>
  );
}
