"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { type Fact, Facts } from "../../components/facts.tsx";
import { LevelWord } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FindingAnswers } from "./finding-answers.tsx";
import { FindingBody } from "./finding-body.tsx";

type Finding = RouterOutputs["findings"]["get"];

const refreshEveryMs = 60_000;

/** What happened, who must fix it, and what to do. */
export function FindingScreen({ findingId }: { findingId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.findings.get.queryOptions({ findingId }, { refetchInterval: refreshEveryMs }));
  const finding = query.data;
  const facts = useFacts(finding);
  if (finding === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  const { sentence, severity, closedAt, details, servers } = finding;
  return (
    <>
      <PageHeader
        title={sentence}
        parent={{ href: "/", label: t("home.title") }}
        badge={
          <LevelWord level={closedAt !== null ? "good" : severity === "error" ? "trouble" : "attention"}>
            {closedAt !== null ? t("home.finding-settled") : t(`check.severity.${severity}`)}
          </LevelWord>
        }
        actions={<FindingAnswers finding={finding} />}
      />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Panel title={t("finding.title")} isFlush>
          {details === null ? null : <FindingBody finding={finding} details={details} />}
        </Panel>
        <div className="grid gap-4">
          <Panel title={t("finding.about")}>
            <Facts facts={facts} />
          </Panel>
          {servers.length === 0 ? null : (
            <Panel title={t("finding.servers")}>
              <ul className="grid gap-1 text-table">
                {servers.map(({ id, name }) => (
                  <li key={id}>
                    <Link href={`/servers/${id}/deliverability`} className="text-accent hover:underline">
                      {name}
                    </Link>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
        </div>
      </div>
    </>
  );
}

function useFacts(finding: Finding | undefined): readonly Fact[] {
  const { t } = useWords();
  if (finding === undefined) return [];
  const { subject, tenantName, details, openedAt, closedAt, partOf } = finding;
  return [
    {
      term: t("finding.subject"),
      detail:
        subject.kind === "organisation" ? (
          t("finding.whole-organisation")
        ) : (
          <>
            <Link
              href={`/${subject.kind}s/${subject.id}/deliverability`}
              className="text-accent hover:underline"
            >
              {subject.name}
            </Link>
            {tenantName === null ? null : <> · {tenantName}</>}
          </>
        ),
    },
    { term: t("finding.opened"), detail: <Ago at={openedAt} /> },
    ...(closedAt === null ? [] : [{ term: t("finding.closed"), detail: <Ago at={closedAt} /> }]),
    ...(details === null
      ? []
      : [
          { term: t("finding.owner"), detail: t(`deliverability.owner.${details.owner}`) },
          ...(details.fleet === null
            ? []
            : [{ term: t("finding.cause"), detail: t(`finding.cause.${details.fleet.cause}`) }]),
          {
            term: t("finding.runbook"),
            detail: <code className="text-meta">docs/runbooks/{details.runbook}</code>,
          },
        ]),
    ...(partOf === null
      ? []
      : [
          {
            term: "",
            detail: (
              <Link href={`/findings/${partOf}`} className="text-accent hover:underline">
                {t("finding.part-of")}
              </Link>
            ),
          },
        ]),
  ];
}
