"use client";
import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import type { Column } from "../../components/data-table.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { TagButton } from "../tags/tag-chip.tsx";
import { ServerStateWord } from "./server-state-word.tsx";
import { serviceName } from "./service-name.ts";

export type ServerRow = RouterOutputs["servers"]["list"]["servers"][number];

/** More would take the place of the other columns. */
const tagsShownMax = 3;

/**
 * The columns of the list, the ones that say whether a server needs somebody first. A press on a tag asks for the servers
 * that have it; `onTag` is to stay the same function.
 */
export function useServerColumns(onTag: (tag: string) => void): readonly Column<ServerRow>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "server",
        header: t("servers.column.server"),
        sortKey: "name",
        cell: (row) => (
          <span className="grid min-w-0 leading-tight">
            <Link
              href={`/servers/${row.id}`}
              tabIndex={-1}
              className="w-fit max-w-full truncate font-medium text-ink hover:underline"
            >
              {row.name}
            </Link>
            <span className="truncate font-mono text-ink-3 text-meta">{row.hostname}</span>
          </span>
        ),
        className: "max-w-72",
      },
      {
        id: "state",
        header: t("servers.column.state"),
        sortKey: "state",
        cell: (row) => (
          <span className="grid leading-tight">
            <ServerStateWord server={row} />
            {row.status === "service-down" ? (
              <span className="truncate pl-5 text-ink-3 text-meta">
                {row.stoppedServices.map(serviceName).join(", ")}
              </span>
            ) : null}
          </span>
        ),
      },
      {
        id: "customer",
        header: t("servers.column.customer"),
        sortKey: "tenant",
        from: "sm",
        cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
      },
      {
        id: "tags",
        header: t("tags.title"),
        from: "md",
        cell: (row) => (
          <span className="flex max-w-64 flex-wrap gap-1">
            {row.tags.slice(0, tagsShownMax).map((tag) => (
              <TagButton
                key={tag}
                name={tag}
                label={t("tags.filter-by", { name: tag })}
                onPress={() => onTag(tag)}
                isInRow
              />
            ))}
            {row.tags.length > tagsShownMax ? (
              <span className="text-ink-3 text-meta" title={row.tags.slice(tagsShownMax).join(", ")}>
                {t("tags.more", { count: row.tags.length - tagsShownMax })}
              </span>
            ) : null}
          </span>
        ),
      },
      {
        id: "role",
        header: t("servers.column.role"),
        from: "xl",
        isHiddenAtFirst: true,
        cell: (row) => (
          <span className="text-ink-2">
            {row.appliedRevision > 0 ? t("servers.role.mail") : t("servers.role.new")}
          </span>
        ),
      },
      {
        id: "system",
        header: t("servers.column.versions"),
        from: "lg",
        cell: (row) => (
          <span className="grid whitespace-nowrap text-ink-2 leading-tight">
            <span>{shortSystem(row.osName)}</span>
            {row.agentVersion === null ? null : (
              <span className="text-ink-3 text-meta">{`${t("servers.column.agent")} ${row.agentVersion}`}</span>
            )}
          </span>
        ),
      },
      {
        id: "addresses",
        header: t("servers.column.addresses"),
        from: "lg",
        isHiddenAtFirst: true,
        cell: (row) => (
          <span className="grid font-mono text-ink-2 text-meta leading-tight">
            {row.ipAddresses.map((address) => (
              <span key={address}>{address}</span>
            ))}
          </span>
        ),
      },
      {
        id: "domains",
        header: t("servers.column.domains"),
        align: "right",
        from: "lg",
        isHiddenAtFirst: true,
        cell: (row) => format.number(row.domainCount),
      },
      {
        id: "queue",
        header: t("servers.column.queue"),
        sortKey: "queue",
        align: "right",
        from: "md",
        cell: (row) =>
          row.queueSizeMessages === null ? (
            <span className="text-ink-3">–</span>
          ) : (
            format.number(row.queueSizeMessages)
          ),
      },
      {
        id: "seen",
        header: t("servers.column.seen"),
        sortKey: "last-seen",
        align: "right",
        from: "sm",
        cell: (row) => (
          <span className="text-ink-2">
            {row.isConnected ? (
              t("servers.seen.now")
            ) : row.lastSeenAt === null ? (
              <span className="text-ink-3">{t("servers.seen.never")}</span>
            ) : (
              <Ago at={row.lastSeenAt} />
            )}
          </span>
        ),
      },
      {
        id: "added",
        header: t("servers.column.added"),
        align: "right",
        from: "lg",
        isHiddenAtFirst: true,
        cell: (row) => (
          <span className="text-ink-2">
            <Ago at={row.createdAt} />
          </span>
        ),
      },
    ],
    [t, format, onTag],
  );
}

/** "Debian GNU/Linux 12 (bookworm)" says no more in a list than "Debian 12". */
function shortSystem(osName: string | null): string {
  return osName?.replace("GNU/Linux ", "").replace(/ \(.*\)$/, "") ?? "–";
}
