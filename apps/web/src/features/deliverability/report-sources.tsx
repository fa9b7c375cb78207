import { knownServices } from "@mailstead/core/reports";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { Facts } from "../../components/facts.tsx";
import { type Level, LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ReportRows } from "./report-rows.tsx";
import type { DomainReports } from "./reports-section.tsx";
import { SourceAnswer } from "./settle-sources.tsx";
import type { Span } from "./spans.ts";

export type ShownSource = DomainReports["dmarc"]["sources"][number];

/** Where mail in the domain's name came from, and whose that is; what fails most stands first. */
export function ReportSources({
  sources,
  asked,
}: {
  sources: readonly ShownSource[];
  /** Of which domain and time the rows behind a number are asked for. */
  asked: { domainId: string; span: Span };
}) {
  const { t, format } = useWords();
  const originOf = useOrigin();
  const figures = (value: number) => (
    <span className="figures whitespace-nowrap">{format.number(value)}</span>
  );
  const columns: readonly Column<ShownSource>[] = [
    {
      id: "source",
      header: t("reports.column.source"),
      cell: (row) => <span className="font-mono">{row.sourceIp ?? t("reports.no-address")}</span>,
    },
    {
      id: "origin",
      header: t("reports.column.origin"),
      cell: (row) => <LevelSentence level={levelOf(row)}>{originOf(row)}</LevelSentence>,
    },
    {
      id: "messages",
      header: t("reports.column.messages"),
      align: "right",
      from: "sm",
      cell: (row) => figures(row.messages),
    },
    {
      id: "failed",
      header: t("reports.column.failed"),
      align: "right",
      cell: (row) => figures(row.messages - row.passed),
    },
    {
      id: "dkim",
      header: t("reports.column.dkim"),
      align: "right",
      from: "md",
      cell: (row) => figures(row.dkimAligned),
    },
    {
      id: "spf",
      header: t("reports.column.spf"),
      align: "right",
      from: "md",
      cell: (row) => figures(row.spfAligned),
    },
  ];
  return (
    <DataTable
      label={t("reports.sources")}
      columns={columns}
      rows={sources}
      rowId={(row) => row.sourceIp ?? ""}
      rowName={(row) => row.sourceIp ?? t("reports.no-address")}
      details={(row) => (
        <div className="grid gap-4 px-4 py-4">
          <Facts
            facts={[
              { term: t("reports.seen"), detail: row.seenDomains.join(", ") || t("reports.seen-none") },
              { term: t("reports.refused"), detail: format.number(row.rejected) },
              { term: t("reports.aside"), detail: format.number(row.quarantined) },
              ...(row.reasons.length === 0
                ? []
                : [{ term: t("reports.reasons"), detail: row.reasons.join(", ") }]),
            ]}
          />
          <SourceAnswer domainId={asked.domainId} source={row} />
          {row.sourceIp === null ? null : <ReportRows asked={{ ...asked, addresses: [row.sourceIp] }} />}
        </div>
      )}
    />
  );
}

function levelOf({ origin, messages, passed }: ShownSource): Level {
  if (messages === passed) return origin.kind === "unknown" ? "unknown" : "good";
  if (origin.kind === "ours") return passed === 0 && origin.via !== "passed-on" ? "trouble" : "attention";
  return origin.kind === "service" ? "attention" : "unknown";
}

function useOrigin(): (source: ShownSource) => string {
  const { t } = useWords();
  return ({ origin }) => {
    if (origin.kind === "unknown") return t("reports.origin.unknown");
    if (origin.kind === "service") {
      const { title: name } = knownServices[origin.service];
      return origin.isExpected
        ? t("reports.origin.service", { name })
        : t("reports.origin.service-unexpected", { name });
    }
    return origin.via === "passed-on"
      ? t("reports.origin.passed-on")
      : t(`reports.origin.${origin.via}`, { name: origin.name ?? "" });
  };
}
