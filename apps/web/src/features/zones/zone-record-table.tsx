"use client";
import { Pencil, Trash2 } from "lucide-react";
import { useMemo } from "react";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import type { OpenedRecord, ZoneRecord } from "./zone-records-panel.tsx";
import { nameWithin } from "./zone-text.ts";

interface ZoneRecordTableProps {
  label: string;
  zone: string;
  records: readonly ZoneRecord[];
  /** Left out for records that nobody changes by hand. */
  onOpen?: (opened: OpenedRecord) => void;
}

/** Records by their names within the zone, each value whole; a narrow screen has the value below the name. */
export function ZoneRecordTable({ label, zone, records, onOpen }: ZoneRecordTableProps) {
  const columns = useRecordColumns(zone, onOpen);
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={records}
      rowId={(record) => record.id}
      rowName={(record) => `${record.name} ${record.type}`}
    />
  );
}

function useRecordColumns(zone: string, open: ZoneRecordTableProps["onOpen"]): readonly Column<ZoneRecord>[] {
  const { t, format } = useWords();
  return useMemo(() => {
    const columns: Column<ZoneRecord>[] = [
      {
        id: "name",
        header: t("zone.record.name"),
        className: "sm:w-56 lg:w-72",
        cell: ({ name, type, value }) => (
          <span className="grid gap-0.5 py-1 font-mono">
            <span className="[overflow-wrap:anywhere]">{nameWithin(zone, name)}</span>
            <span className="text-ink-2 text-meta [overflow-wrap:anywhere] sm:hidden">
              {type} {value}
            </span>
          </span>
        ),
      },
      {
        id: "type",
        header: t("zone.record.type"),
        from: "sm",
        className: "w-20",
        cell: ({ type }) => <span className="font-mono">{type}</span>,
      },
      {
        id: "value",
        header: t("zone.record.value"),
        from: "sm",
        cell: ({ value, leavesAt }) => (
          <span className="grid gap-0.5 py-1">
            <span className="font-mono text-ink-2 [overflow-wrap:anywhere]">{value}</span>
            {leavesAt === null ? null : (
              <span className="text-ink-3 text-meta">
                {t("zone.record.leaves", { date: format.day(leavesAt) })}
              </span>
            )}
          </span>
        ),
      },
      {
        id: "ttl",
        header: t("zone.record.ttl"),
        align: "right",
        from: "lg",
        className: "w-20",
        cell: ({ ttlSeconds }) => format.number(ttlSeconds),
      },
    ];
    return open === undefined
      ? columns
      : [
          ...columns,
          {
            id: "actions",
            header: t("table.actions"),
            isActions: true,
            align: "right",
            className: "w-12",
            cell: (record) => <RecordMenu record={record} onOpen={open} />,
          },
        ];
  }, [t, format, zone, open]);
}

function RecordMenu({ record, onOpen }: { record: ZoneRecord; onOpen: (opened: OpenedRecord) => void }) {
  const { t } = useWords();
  const may = useMay();
  return (
    <MoreMenu
      label={t("zone.record.actions-of", { name: record.name, type: record.type })}
      size="small"
      groups={[
        [
          may("zones.changeRecord") && {
            label: t("zone.record.change"),
            icon: <Pencil aria-hidden="true" className="size-3.5 text-ink-3" />,
            onSelect: () => onOpen({ kind: "change", record }),
          },
        ],
        [
          may("zones.removeRecord") && {
            label: t("zone.record.remove"),
            icon: <Trash2 aria-hidden="true" className="size-3.5" />,
            isDanger: true,
            onSelect: () => onOpen({ kind: "remove", record }),
          },
        ],
      ]}
    />
  );
}
