import { providers } from "@mailstead/core/delivery";
import type { ReactNode } from "react";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { DomainReports } from "./reports-section.tsx";

/** How the encryption of mail to the domain went, by what failed. */
export function TlsFailures({ tls }: Pick<DomainReports, "tls">) {
  const { t, format } = useWords();
  const columns: readonly Column<(typeof tls.failures)[number]>[] = [
    {
      id: "failure",
      header: t("reports.column.failure"),
      cell: (row) => <span className="font-mono [overflow-wrap:anywhere]">{row.type}</span>,
    },
    {
      id: "sessions",
      header: t("reports.column.sessions"),
      align: "right",
      cell: (row) => <span className="figures">{format.number(row.sessions)}</span>,
    },
    {
      id: "hosts",
      header: t("reports.column.hosts"),
      from: "md",
      cell: (row) => <span className="[overflow-wrap:anywhere]">{row.hosts.join(", ")}</span>,
    },
  ];
  const sums = { passed: format.number(tls.passed), total: format.number(tls.total) };
  return (
    <Part title={t("reports.tls")}>
      <p className="px-4 text-ink-2 text-table">
        {tls.total === 0 ? t("reports.tls-none") : t("reports.tls-sessions", sums)}
      </p>
      {tls.failures.length === 0 ? null : (
        <DataTable
          label={t("reports.tls")}
          columns={columns}
          rows={tls.failures}
          rowId={(row) => row.type}
          rowName={(row) => row.type}
        />
      )}
    </Part>
  );
}

/** Complaints that feedback loops passed on. */
export function Complaints({ complaints }: Pick<DomainReports, "complaints">) {
  const { t, format } = useWords();
  const nameOf = ({ provider, reporter }: (typeof complaints)[number]) =>
    provider === null ? reporter : providers[provider].title;
  const columns: readonly Column<(typeof complaints)[number]>[] = [
    {
      id: "day",
      header: t("reports.column.day"),
      cell: (row) => <span className="figures whitespace-nowrap">{row.day}</span>,
    },
    { id: "receiver", header: t("reports.column.receiver"), cell: nameOf },
    {
      id: "complaints",
      header: t("reports.column.complaints"),
      align: "right",
      cell: (row) => <span className="figures">{format.number(row.complaints)}</span>,
    },
  ];
  return (
    <Part title={t("reports.complaints")}>
      {complaints.length === 0 ? (
        <p className="px-4 text-ink-2 text-table">{t("reports.complaints-none")}</p>
      ) : (
        <Disclosure
          summary={
            <span className="text-table">
              {t("reports.complaints-count", {
                count: complaints.reduce((sum, row) => sum + row.complaints, 0),
              })}
            </span>
          }
        >
          <DataTable
            label={t("reports.complaints")}
            columns={columns}
            rows={complaints}
            rowId={(row) => `${row.day} ${row.reporter}`}
            rowName={(row) => `${row.day} ${nameOf(row)}`}
          />
        </Disclosure>
      )}
    </Part>
  );
}

/** Single messages that receivers reported as unproven; nothing where no receiver did. */
export function FailedMessages({ failures }: Pick<DomainReports, "failures">) {
  const { t } = useWords();
  if (failures.length === 0) return null;
  const columns: readonly Column<(typeof failures)[number]>[] = [
    { id: "when", header: t("reports.column.when"), cell: (row) => <Ago at={row.reportedAt} /> },
    { id: "receiver", header: t("reports.column.receiver"), cell: (row) => row.reporter },
    {
      id: "source",
      header: t("reports.column.source"),
      from: "sm",
      cell: (row) => <span className="font-mono">{row.sourceIp ?? t("reports.no-address")}</span>,
    },
    { id: "failure", header: t("reports.column.failure"), cell: (row) => row.failure ?? "" },
    {
      id: "signature",
      header: t("reports.column.signature"),
      from: "md",
      cell: (row) => [row.dkimDomain, row.dkimSelector].filter((part) => part !== null).join(" "),
    },
  ];
  return (
    <Part title={t("reports.failures")}>
      <DataTable
        label={t("reports.failures")}
        columns={columns}
        rows={failures}
        rowId={(row) => row.id}
        rowName={(row) => row.reporter}
      />
    </Part>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="min-w-0 border-line border-t py-3.5">
      <h3 className="mb-2 px-4 font-medium text-ink-3 text-meta">{title}</h3>
      {children}
    </section>
  );
}
