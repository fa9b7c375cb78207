import Link from "next/link";
import type { Column } from "../../components/data-table.tsx";
import type { Words } from "../../messages/locale.ts";

interface ServerRow {
  serverId: string;
  serverName: string;
  tenantName: string;
}

/** Which server a row is about, with the way to its software, and whose it is: how each list of such rows begins. */
export function softwareOfServerColumns<Row extends ServerRow>(
  t: Words["t"],
  { customerFrom }: { customerFrom: "sm" | "md" },
): readonly [Column<Row>, Column<Row>] {
  return [
    {
      id: "server",
      header: t("updates.column.server"),
      cell: (row) => (
        <Link
          href={`/servers/${row.serverId}/software`}
          tabIndex={-1}
          className="font-medium hover:underline [overflow-wrap:anywhere]"
        >
          {row.serverName}
        </Link>
      ),
    },
    {
      id: "customer",
      header: t("updates.column.customer"),
      from: customerFrom,
      cell: (row) => <span className="block max-w-48 truncate text-ink-2">{row.tenantName}</span>,
    },
  ];
}
