"use client";
import {
  CircleMinus,
  CirclePlus,
  Download,
  Ellipsis,
  Layers,
  MailCheck,
  RefreshCw,
  Tag,
  Tags,
  Wrench,
  X,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { Button, IconButton } from "../../components/button.tsx";
import { Menu } from "../../components/menu.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay, useMay } from "../access/role-provider.tsx";
import { BulkExcludeDialog } from "./bulk-exclude-dialog.tsx";
import { BulkOrderDialog, type ManyOrder } from "./bulk-order-dialog.tsx";
import { BulkRolloutDialog } from "./bulk-rollout-dialog.tsx";
import { BulkTagsDialog } from "./bulk-tags-dialog.tsx";

/** Ids of more servers make an address that proxies refuse. */
const idsInAddressMax = 60;

type Deed =
  | { kind: "order"; order: ManyOrder }
  | { kind: "tags"; deed: "add" | "remove" }
  | { kind: "place"; deed: "exclude" | "include" }
  | { kind: "rollout" };

interface BulkBarProps {
  serverIds: readonly string[];
  /** How many match the filters, over all pages. */
  total: number | null;
  onSelectAll: () => void;
  isSelectingAll: boolean;
  /** Why those that match could not be asked for. */
  problem: unknown;
  onClear: () => void;
}

/** What can be done with the selected servers; each says what it will do before it does it, and what came of it. */
export function ServersBulkBar({
  serverIds,
  total,
  onSelectAll,
  isSelectingAll,
  problem,
  onClear,
}: BulkBarProps) {
  const { t } = useWords();
  const may = useMay();
  const router = useRouter();
  const download = useRef<HTMLFormElement>(null);
  const [deed, setDeed] = useState<Deed | null>(null);
  if (serverIds.length === 0) return null;
  const mayOrder = may("servers.orderMany") && may("servers.previewOrders");
  const close = () => setDeed(null);
  const icon = "size-3.5 text-ink-3";
  const startRollout = () => {
    if (serverIds.length > idsInAddressMax) setDeed({ kind: "rollout" });
    else router.push(`/rollouts/new?servers=${serverIds.join(",")}`);
  };
  return (
    <>
      <section
        aria-label={t("table.selected", { count: serverIds.length })}
        className="fixed inset-x-2 bottom-4 z-20 mx-auto flex w-fit max-w-full animate-rise flex-wrap items-center gap-2 rounded-ui border border-line-strong bg-raised py-1.5 pr-1.5 pl-4 shadow-float"
      >
        <p className="figures font-medium text-table" role="status">
          {t("table.selected", { count: serverIds.length })}
        </p>
        {total !== null && total > serverIds.length ? (
          <Button size="small" look="quiet" isBusy={isSelectingAll} onClick={onSelectAll}>
            {t("servers.bulk.select-all", { count: total })}
          </Button>
        ) : null}
        {mayOrder ? (
          <Button size="small" onClick={() => setDeed({ kind: "order", order: "check-mail" })}>
            <MailCheck aria-hidden="true" className="size-3.5" />
            {t("servers.bulk.check-mail")}
          </Button>
        ) : null}
        <IfMay use="tags.change">
          <Button size="small" onClick={() => setDeed({ kind: "tags", deed: "add" })}>
            <Tag aria-hidden="true" className="size-3.5" />
            {t("servers.bulk.tags-add")}
          </Button>
        </IfMay>
        <Menu
          trigger={
            <IconButton label={t("servers.bulk.more")} size="small" look="secondary">
              <Ellipsis aria-hidden="true" className="size-4" />
            </IconButton>
          }
          groups={[
            [
              may("rollouts.start") && {
                label: t("servers.bulk.rollout"),
                icon: <Layers aria-hidden="true" className={icon} />,
                onSelect: startRollout,
              },
              mayOrder && {
                label: t("servers.bulk.converge"),
                icon: <Wrench aria-hidden="true" className={icon} />,
                onSelect: () => setDeed({ kind: "order", order: "converge" }),
              },
              mayOrder && {
                label: t("servers.bulk.refresh-facts"),
                icon: <RefreshCw aria-hidden="true" className={icon} />,
                onSelect: () => setDeed({ kind: "order", order: "refresh-facts" }),
              },
            ],
            [
              may("tags.change") && {
                label: t("servers.bulk.tags-remove"),
                icon: <Tags aria-hidden="true" className={icon} />,
                onSelect: () => setDeed({ kind: "tags", deed: "remove" }),
              },
              may("maintenance.excludeMany") && {
                label: t("servers.bulk.exclude"),
                icon: <CircleMinus aria-hidden="true" className={icon} />,
                onSelect: () => setDeed({ kind: "place", deed: "exclude" }),
              },
              may("maintenance.includeMany") && {
                label: t("servers.bulk.include"),
                icon: <CirclePlus aria-hidden="true" className={icon} />,
                onSelect: () => setDeed({ kind: "place", deed: "include" }),
              },
            ],
            [
              {
                label: t("servers.bulk.export"),
                icon: <Download aria-hidden="true" className={icon} />,
                onSelect: () => download.current?.submit(),
              },
            ],
          ]}
        />
        <IconButton label={t("controls.clear")} size="small" onClick={onClear}>
          <X aria-hidden="true" className="size-4" />
        </IconButton>
        <ProblemNote error={problem} />
      </section>
      <form ref={download} method="post" action="/api/export/servers" hidden>
        <input type="hidden" name="ids" value={serverIds.join(",")} />
      </form>
      {deed === null ? null : <DeedDialog deed={deed} serverIds={serverIds} onClose={close} />}
    </>
  );
}

function DeedDialog({ deed, ...common }: { deed: Deed; serverIds: readonly string[]; onClose: () => void }) {
  switch (deed.kind) {
    case "order":
      return <BulkOrderDialog order={deed.order} {...common} />;
    case "tags":
      return <BulkTagsDialog deed={deed.deed} {...common} />;
    case "place":
      return <BulkExcludeDialog deed={deed.deed} {...common} />;
    case "rollout":
      return <BulkRolloutDialog {...common} />;
  }
}
