"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, RefreshCw } from "lucide-react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { LevelIcon } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago, useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { PublishPanel } from "../publishing/publish-panel.tsx";
import { WithdrawalsPanel } from "../withdrawals/withdrawals-panel.tsx";
import { isOutdated } from "./check-age.ts";
import { RecordGroup } from "./record-group.tsx";
import { type RecordSummary, summariseRecords } from "./record-standing.ts";
import { zoneFileOf, zoneLinesOf } from "./zone-file.ts";
import { ZoneFindings } from "./zone-findings.tsx";

const levels = ["required", "recommended", "optional"] as const;

/** Does the world agree that this domain is right? Each record whole, why it is needed, and who answered what. */
export function RecordsScreen({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const now = useNow();
  const query = useQuery(trpc.domains.get.queryOptions({ domainId }));
  const check = useMutation(
    trpc.domains.check.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() }),
    }),
  );
  const domain = query.data;
  if (domain === undefined) return <ProblemNote error={query.error} />;
  const { records, lastCheck } = domain;
  const outdatedSince =
    lastCheck !== null && isOutdated(lastCheck.checkedAt, now) ? lastCheck.checkedAt : null;
  return (
    <div className="grid gap-4">
      <section className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 rounded-ui border border-line bg-surface px-4 py-3.5">
        <div className="grid min-w-0 gap-0.5">
          <Summary
            summary={summariseRecords(records, { isOutdated: outdatedSince !== null })}
            checkedAt={lastCheck?.checkedAt ?? null}
          />
          <p className="text-ink-3 text-meta">
            {lastCheck === null ? (
              t("domain.records.lead", { name: domain.name })
            ) : (
              <>
                {t("domain.checked")} <Ago at={lastCheck.checkedAt} />
              </>
            )}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <CopyButton
            text={zoneLinesOf(domain.name, records, { elsewhere: t("domain.in-other-zones") })}
            what={t("domain.the-zone")}
            look="secondary"
            hasWord
            word={t("domain.copy-all")}
          />
          <Button look="secondary" size="small" className="no-print" asChild>
            <a
              href={`data:text/plain;charset=utf-8,${encodeURIComponent(zoneFileOf(domain.name, records))}`}
              download={`${domain.name}.zone`}
            >
              <Download aria-hidden="true" className="size-3.5" />
              {t("domain.download-zone")}
            </a>
          </Button>
          <ForRole needed="technician">
            <Button look="primary" isBusy={check.isPending} onClick={() => check.mutate({ domainId })}>
              {check.isPending ? null : <RefreshCw aria-hidden="true" className="size-3.5" />}
              {t("domain.check")}
            </Button>
          </ForRole>
        </div>
        {lastCheck?.problem == null ? null : (
          <p role="alert" className="w-full rounded-ui bg-attention-soft px-3 py-2 text-table">
            {lastCheck.problem}
          </p>
        )}
        {check.data === undefined || check.data.startedSigning.length === 0 ? null : (
          <p role="status" className="w-full rounded-ui bg-good-soft px-3 py-2 text-table">
            {t("domain.started-signing", { selectors: check.data.startedSigning.join(", ") })}
          </p>
        )}
        <ProblemNote error={check.error} />
      </section>
      {records.length === 0 ? null : <PublishPanel domainId={domainId} name={domain.name} />}
      <WithdrawalsPanel domainName={domain.name} />
      {outdatedSince === null ? <ZoneFindings zones={domain.zones} hosts={domain.hosts} /> : null}
      {records.length === 0 ? (
        <p className="px-1 text-ink-3 text-table">{t("domain.records.empty")}</p>
      ) : (
        levels.map((level) => (
          <RecordGroup
            key={level}
            domainName={domain.name}
            level={level}
            records={records.filter((record) => record.level === level)}
            outdatedSince={outdatedSince}
          />
        ))
      )}
    </div>
  );
}

function Summary({ summary, checkedAt }: { summary: RecordSummary; checkedAt: Date | null }) {
  const { t, format } = useWords();
  const level = {
    unchecked: "unknown",
    outdated: "attention",
    "all-right": "good",
    "rest-optional": "good",
    "to-fix": "trouble",
    optional: "attention",
    attention: "attention",
    unanswered: "unknown",
  } as const;
  const words =
    summary.kind === "unchecked"
      ? t("domain.never-checked")
      : summary.kind === "outdated"
        ? t("domains.not-checked-since", { day: checkedAt === null ? "" : format.day(checkedAt) })
        : summary.kind === "all-right"
          ? t("domain.summary.all-right")
          : t(`domain.summary.${summary.kind}`, { count: summary.count });
  return (
    <p role="status" className="flex items-center gap-2 font-medium text-body">
      <LevelIcon level={level[summary.kind]} className="size-4" />
      {words}
    </p>
  );
}
