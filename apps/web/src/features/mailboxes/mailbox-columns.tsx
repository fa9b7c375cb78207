"use client";
import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Breakable } from "../../components/breakable.tsx";
import type { Column } from "../../components/data-table.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { MailboxActions } from "./mailbox-actions.tsx";

export type MailboxRow = RouterOutputs["mailboxes"]["find"]["mailboxes"][number];

/** The columns of a list of mailboxes; the domain is left out where all are of one. */
export function useMailboxColumns(hasDomain: boolean): readonly Column<MailboxRow>[] {
  const { t, format } = useWords();
  return useMemo(() => {
    const columns: (Column<MailboxRow> | null)[] = [
      {
        id: "address",
        header: t("mailboxes.column.address"),
        cell: (row) => (
          <span className="font-medium">
            <Breakable name={row.address} />
          </span>
        ),
      },
      {
        id: "state",
        header: t("mailboxes.column.state"),
        cell: (row) => (
          <LevelWord level={row.isEnabled ? "good" : "unknown"}>
            {row.isEnabled ? t("mailboxes.enabled") : t("mailboxes.disabled")}
          </LevelWord>
        ),
      },
      hasDomain
        ? {
            id: "domain",
            header: t("mailboxes.column.domain"),
            from: "md",
            cell: (row) => (
              <Link
                href={`/domains/${row.domainId}/mailboxes`}
                className="font-mono text-ink-2 hover:underline"
              >
                {row.domainName}
              </Link>
            ),
          }
        : null,
      {
        id: "quota",
        header: t("mailboxes.column.quota"),
        align: "right",
        from: "sm",
        cell: (row) => (
          <span className="text-ink-2">
            {row.quotaBytes === 0 ? t("mailboxes.no-limit") : format.bytes(row.quotaBytes)}
          </span>
        ),
      },
      {
        id: "created",
        header: t("mailboxes.column.created"),
        align: "right",
        from: "md",
        cell: (row) => (
          <span className="text-ink-2">
            <Ago at={row.createdAt} />
          </span>
        ),
      },
      {
        id: "actions",
        header: t("table.actions"),
        isActions: true,
        align: "right",
        className: "w-12",
        cell: (row) => <MailboxActions mailbox={row} />,
      },
    ];
    return columns.filter((column) => column !== null);
  }, [t, format, hasDomain]);
}
