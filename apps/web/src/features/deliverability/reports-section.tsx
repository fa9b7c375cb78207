"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { FileInput } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CheckFindingItem } from "../domains/check-finding-item.tsx";
import { ReportDays } from "./report-days.tsx";
import { ReportSources } from "./report-sources.tsx";
import { Complaints, FailedMessages, TlsFailures } from "./report-tables.tsx";
import { readSpan } from "./spans.ts";

export type DomainReports = RouterOutputs["deliverability"]["reports"];

/** What receivers report of mail in a domain's name. */
export function ReportsSection({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const query = useQuery(
    trpc.deliverability.reports.queryOptions(
      { domainId, span: readSpan(params) },
      { placeholderData: keepPreviousData, refetchInterval: refreshEveryMs },
    ),
  );
  const reports = query.data;
  if (reports === undefined) return <AwaitedPanel id="reports" title={t("reports.title")} query={query} />;
  const { dmarc, tls, complaints, failures, findings } = reports;
  const isEmpty = dmarc.reports + tls.reports + complaints.length + failures.length === 0;
  return (
    <Panel
      id="reports"
      title={t("reports.title")}
      description={t("reports.lead")}
      actions={
        reports.toldAt === null ? undefined : (
          <span className="text-ink-3 text-meta">
            {t("reports.last")} <Ago at={reports.toldAt} />
          </span>
        )
      }
      isFlush
    >
      {isEmpty ? <NoReports domainId={domainId} reports={reports} /> : null}
      {findings.map((finding) => (
        <CheckFindingItem key={`${finding.kind} ${finding.about}`} finding={finding} />
      ))}
      {isEmpty ? null : (
        <>
          <div className="px-4 py-3.5">
            <Sums dmarc={dmarc} />
          </div>
          <ReportDays days={dmarc.days} />
          {dmarc.sources.length === 0 ? null : (
            <ReportSources sources={dmarc.sources} asked={{ domainId, span: readSpan(params) }} />
          )}
          <TlsFailures tls={tls} />
          <Complaints complaints={complaints} />
          <FailedMessages failures={failures} />
        </>
      )}
      <FeedbackLoops addresses={reports.addresses} />
      <Troubles troubles={reports.troubles} />
    </Panel>
  );
}

// Hosts look every five minutes; reports come once a day.
const refreshEveryMs = 5 * 60_000;

function NoReports({ domainId, reports }: { domainId: string; reports: DomainReports }) {
  const { t } = useWords();
  const [address] = reports.addresses;
  return (
    <EmptyState
      icon={FileInput}
      title={t("reports.empty-title")}
      action={
        address === undefined ? undefined : (
          <Link href={`/domains/${domainId}`} className="text-accent hover:underline">
            {t("reports.to-records")}
          </Link>
        )
      }
    >
      {address === undefined ? t("reports.empty-no-server") : t("reports.empty", { address })}
    </EmptyState>
  );
}

function Sums({ dmarc }: Pick<DomainReports, "dmarc">) {
  const { t, format } = useWords();
  const { total, passed, dkimAligned, spfAligned } = dmarc;
  const share = (part: number) =>
    total === 0 ? "" : `${format.percent(part / total)} (${format.number(part)})`;
  return (
    <Facts
      facts={[
        { term: t("reports.messages"), detail: format.number(total) },
        { term: t("reports.passed"), detail: share(passed) },
        { term: t("reports.dkim"), detail: share(dkimAligned) },
        { term: t("reports.spf"), detail: share(spfAligned) },
        { term: t("reports.policy"), detail: dmarc.policy ?? t("reports.policy-unknown") },
        {
          term: t("reports.reporters"),
          detail: dmarc.reporters
            .slice(0, reportersShownMax)
            .map(({ reporter, reports: count }) => t("reports.count", { reporter, count }))
            .join(", "),
        },
      ]}
    />
  );
}

const reportersShownMax = 8;

function FeedbackLoops({ addresses }: Pick<DomainReports, "addresses">) {
  const { t } = useWords();
  if (addresses.length === 0) return null;
  return (
    <div className="border-line border-t">
      <Disclosure summary={<span className="text-table">{t("reports.loops-title")}</span>}>
        <div className="grid gap-2 px-4 py-3.5 text-table">
          <p className="text-ink-2">{t("reports.loops")}</p>
          {addresses.map((address) => (
            <CopyBlock key={address} text={address} what={t("reports.address")} />
          ))}
        </div>
      </Disclosure>
    </div>
  );
}

function Troubles({ troubles }: Pick<DomainReports, "troubles">) {
  const { t } = useWords();
  if (troubles.length === 0) return null;
  return (
    <div className="grid gap-1.5 border-line border-t px-4 py-3.5 text-table">
      <h3 className="font-medium text-ink-3 text-meta">{t("reports.troubles")}</h3>
      <ul className="grid gap-1">
        {troubles.map(({ kind, why, mails, lastAt }) => (
          <li key={`${kind} ${why}`} className="[overflow-wrap:anywhere]">
            {t(`reports.trouble.${kind}`)}: {t("reports.mails", { count: mails })}, {why}
            {lastAt === null ? null : (
              <span className="text-ink-3">
                {" "}
                <Ago at={lastAt} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
