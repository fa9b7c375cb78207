"use client";
import { useMutation } from "@tanstack/react-query";
import { Ellipsis, Pencil, Plus, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Menu } from "../../components/menu.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ImportForm } from "./import-form.tsx";
import { RecordForm } from "./record-form.tsx";
import type { Zone } from "./zone-screen.tsx";

export type ZoneRecord = Zone["records"][number];
type Opened = { kind: "add" | "import" } | { kind: "change" | "remove"; record: ZoneRecord };

/** The records of a zone; those that a domain needs are Mailstead's to keep. */
export function ZoneRecordsPanel({ zone, onChanged }: { zone: Zone; onChanged: () => Promise<unknown> }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = async () => {
    setOpened(null);
    await onChanged();
  };
  const remove = useMutation(trpc.zones.removeRecord.mutationOptions({ onSuccess: close }));
  const columns = useRecordColumns(setOpened);
  const removed = opened?.kind === "remove" ? opened.record : null;
  return (
    <Panel
      title={t("zone.records")}
      description={t("zone.records-lead")}
      actions={
        <>
          <Button look="secondary" size="small" onClick={() => setOpened({ kind: "import" })}>
            <Upload aria-hidden="true" className="size-3.5" />
            {t("zone.import")}
          </Button>
          <Button look="secondary" size="small" onClick={() => setOpened({ kind: "add" })}>
            <Plus aria-hidden="true" className="size-3.5" />
            {t("zone.record.add")}
          </Button>
        </>
      }
      isFlush
    >
      {zone.records.length === 0 ? (
        <p className="px-4 py-3 text-ink-3 text-table">{t("zone.records-empty")}</p>
      ) : (
        <DataTable
          label={t("zone.records")}
          columns={columns}
          rows={zone.records}
          rowId={(record) => record.id}
          rowName={(record) => `${record.name} ${record.type}`}
        />
      )}
      <Dialog
        isOpen={opened?.kind === "add" || opened?.kind === "change"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={opened?.kind === "change" ? t("zone.record.change") : t("zone.record.add")}
      >
        <RecordForm
          zoneId={zone.id}
          record={opened?.kind === "change" ? opened.record : null}
          onDone={close}
          onCancel={() => setOpened(null)}
        />
      </Dialog>
      <Dialog
        isOpen={opened?.kind === "import"}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={t("zone.import.title")}
      >
        <ImportForm zoneId={zone.id} onImported={onChanged} onClose={() => setOpened(null)} />
      </Dialog>
      <ConfirmDialog
        isOpen={removed !== null}
        onOpenChange={(isOpen) => isOpen || setOpened(null)}
        title={t("zone.record.remove-title", { name: removed?.name ?? "", type: removed?.type ?? "" })}
        consequence={<p>{t("zone.record.remove-consequence")}</p>}
        actionLabel={t("zone.record.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => removed !== null && remove.mutate({ zoneId: zone.id, recordId: removed.id })}
      />
    </Panel>
  );
}

function useRecordColumns(open: (opened: Opened) => void): readonly Column<ZoneRecord>[] {
  const { t, format } = useWords();
  return [
    {
      id: "name",
      header: t("zone.record.name"),
      cell: ({ name }) => <span className="font-mono [overflow-wrap:anywhere]">{name}</span>,
    },
    {
      id: "type",
      header: t("zone.record.type"),
      cell: ({ type }) => <span className="font-mono">{type}</span>,
    },
    {
      id: "value",
      header: t("zone.record.value"),
      cell: ({ value }) => <span className="font-mono text-ink-2 [overflow-wrap:anywhere]">{value}</span>,
    },
    {
      id: "ttl",
      header: t("zone.record.ttl"),
      align: "right",
      from: "lg",
      cell: ({ ttlSeconds }) => format.number(ttlSeconds),
    },
    {
      id: "kept-by",
      header: t("zone.record.kept-by"),
      from: "md",
      cell: ({ isOwn }) => (
        <span className="text-ink-2">{isOwn ? t("zone.record.own") : t("zone.record.planned")}</span>
      ),
    },
    {
      id: "actions",
      header: t("table.actions"),
      isActions: true,
      align: "right",
      className: "w-12",
      cell: (record) =>
        record.isOwn ? (
          <Menu
            trigger={
              <IconButton
                label={t("zone.record.actions-of", { name: record.name, type: record.type })}
                size="small"
              >
                <Ellipsis aria-hidden="true" className="size-4" />
              </IconButton>
            }
            groups={[
              [
                {
                  label: t("zone.record.change"),
                  icon: <Pencil aria-hidden="true" className="size-3.5 text-ink-3" />,
                  onSelect: () => open({ kind: "change", record }),
                },
              ],
              [
                {
                  label: t("zone.record.remove"),
                  icon: <Trash2 aria-hidden="true" className="size-3.5" />,
                  isDanger: true,
                  onSelect: () => open({ kind: "remove", record }),
                },
              ],
            ]}
          />
        ) : null,
    },
  ];
}
