"use client";
import { useMutation } from "@tanstack/react-query";
import { Download, Plus, Upload } from "lucide-react";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Folded } from "../../components/folded.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { ImportForm } from "./import-form.tsx";
import { RecordForm } from "./record-form.tsx";
import { ZoneRecordTable } from "./zone-record-table.tsx";
import type { Zone } from "./zone-screen.tsx";
import { zoneTextOf } from "./zone-text.ts";

export type ZoneRecord = Zone["records"][number];
export type OpenedRecord = { kind: "change" | "remove"; record: ZoneRecord };
type Opened = { kind: "add" | "import" } | OpenedRecord;

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
  const own = zone.records.filter(({ isOwn }) => isOwn);
  const kept = zone.records.filter(({ isOwn }) => !isOwn);
  const may = useMay();
  const removed = opened?.kind === "remove" ? opened.record : null;
  return (
    <Panel
      title={t("zone.records")}
      description={t("zone.records-lead")}
      actions={
        <>
          <Button look="secondary" size="small" className="no-print" asChild>
            <a
              href={`data:text/plain;charset=utf-8,${encodeURIComponent(zoneTextOf(zone))}`}
              download={`${zone.name}.zone`}
            >
              <Download aria-hidden="true" className="size-3.5" />
              {t("zone.export")}
            </a>
          </Button>
          <ForRole needed="technician">
            <Button look="secondary" size="small" onClick={() => setOpened({ kind: "import" })}>
              <Upload aria-hidden="true" className="size-3.5" />
              {t("zone.import")}
            </Button>
            <Button look="secondary" size="small" onClick={() => setOpened({ kind: "add" })}>
              <Plus aria-hidden="true" className="size-3.5" />
              {t("zone.record.add")}
            </Button>
          </ForRole>
        </>
      }
      isFlush
    >
      {own.length === 0 ? (
        <p className="px-4 py-3 text-ink-3 text-table">{t("zone.records-empty")}</p>
      ) : (
        <ZoneRecordTable
          label={t("zone.records-own")}
          zone={zone.name}
          records={own}
          {...(may("technician") ? { onOpen: setOpened } : {})}
        />
      )}
      {kept.length === 0 ? null : (
        <Folded
          label={t("zone.records-kept", { count: kept.length })}
          className="border-line border-t px-4 py-3"
        >
          <div className="-mx-4 -mb-3 pt-3">
            <ZoneRecordTable
              label={t("zone.records-kept", { count: kept.length })}
              zone={zone.name}
              records={kept}
            />
          </div>
        </Folded>
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
