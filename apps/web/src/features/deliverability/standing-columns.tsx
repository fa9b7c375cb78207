import Link from "next/link";
import { useMemo } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Breakable } from "../../components/breakable.tsx";
import type { Column } from "../../components/data-table.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ReputationWord } from "./reputation-word.tsx";
import { useReceiverName } from "./use-receiver-name.ts";

type Row = RouterOutputs["deliverability"]["standings"]["rows"][number];

/** The columns of a list of servers or domains by reputation. */
export function useStandingColumns(of: "servers" | "domains"): readonly Column<Row>[] {
  const { t, format } = useWords();
  return useMemo(
    () => [
      {
        id: "name",
        header: t(of === "servers" ? "deliverability.column.server" : "deliverability.column.domain"),
        cell: (row) => (
          <Link
            href={`/${of}/${row.id}/deliverability`}
            tabIndex={-1}
            className={
              of === "servers" ? "font-medium hover:underline" : "font-medium font-mono hover:underline"
            }
          >
            <Breakable name={row.name} />
          </Link>
        ),
      },
      {
        id: "standing",
        header: t("deliverability.column.reputation"),
        cell: (row) => <StandingCell row={row} />,
      },
      {
        id: "why",
        header: t("deliverability.why"),
        from: "lg",
        cell: ({ standings: [worst] }) => (
          <span className="text-ink-2">
            {t(
              worst.reason === null ? "deliverability.short.missing" : `deliverability.short.${worst.reason}`,
            )}
          </span>
        ),
      },
      {
        id: "since",
        header: t("deliverability.column.since"),
        from: "md",
        cell: ({ standings: [worst] }) => (
          <span className="text-ink-2">
            {worst.reputation === "UNKNOWN" ? "–" : <Ago at={worst.since} />}
          </span>
        ),
      },
      {
        id: "customer",
        header: t("domains.column.customer"),
        from: "xl",
        cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
      },
      {
        id: "messages",
        header: t("deliverability.column.week"),
        align: "right",
        from: "sm",
        cell: (row) => <span className="figures">{format.number(row.messages)}</span>,
      },
    ],
    [t, format, of],
  );
}

/** The worst word, and where it holds; of good words how many there are. */
function StandingCell({ row: { standings } }: { row: Row }) {
  const { t } = useWords();
  const nameOf = useReceiverName();
  const [worst] = standings;
  const alike = standings.filter(({ reputation }) => reputation === worst.reputation);
  const isQuiet = worst.reputation === "HIGH" || worst.reputation === "UNKNOWN";
  const where =
    isQuiet && alike.length > 1
      ? t("deliverability.at-receivers", { count: alike.length })
      : t("deliverability.at", { names: alike.map(({ provider }) => nameOf(provider)).join(", ") });
  return (
    <span className="flex flex-wrap items-center gap-x-1.5">
      <ReputationWord reputation={worst.reputation} />
      <span className="text-ink-3">{where}</span>
    </span>
  );
}
