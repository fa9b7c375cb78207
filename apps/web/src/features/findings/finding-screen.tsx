"use client";
import { runbookPath } from "@mailstead/core/finding-kinds";
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
import { FindingHistory } from "./finding-history.tsx";
import { subjectHref } from "./fix-page-href.ts";

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
  const { sentence, severity, closedAt, servers, sharedBy } = finding;
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
        <Panel title={t(`home.finding-topic.${finding.topic}`)} isFlush>
          <FindingBody finding={finding} />
        </Panel>
        <div className="grid gap-4">
          <Panel title={t("finding.about")}>
            <Facts facts={facts} />
          </Panel>
          <LinkList
            title={t("finding.servers")}
            links={servers.map(({ id, name }) => ({ href: `/servers/${id}/deliverability`, name }))}
          />
          <LinkList
            title={t("finding.shared-by")}
            links={sharedBy.map(({ id, subject }) => ({ href: `/findings/${id}`, name: subject.name }))}
          />
          <FindingHistory history={finding.history} />
        </div>
      </div>
    </>
  );
}

function LinkList({ title, links }: { title: string; links: readonly { href: string; name: string }[] }) {
  if (links.length === 0) return null;
  return (
    <Panel title={title}>
      <ul className="grid gap-1 text-table">
        {links.map(({ href, name }) => (
          <li key={href}>
            <Link href={href} className="text-accent hover:underline">
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function useFacts(finding: Finding | undefined): readonly Fact[] {
  const { t } = useWords();
  if (finding === undefined) return [];
  const { subject, tenantName, details, openedAt, closedAt, partOf } = finding;
  const href = subjectHref(subject);
  return [
    {
      term: t("finding.subject"),
      detail:
        href === null ? (
          t("finding.whole-organisation")
        ) : (
          <>
            <Link href={href} className="text-accent hover:underline">
              {subject.name}
            </Link>
            {tenantName === null ? null : <> · {tenantName}</>}
          </>
        ),
    },
    { term: t("finding.opened"), detail: <Ago at={openedAt} /> },
    ...(closedAt === null ? [] : [{ term: t("finding.closed"), detail: <Ago at={closedAt} /> }]),
    { term: t("finding.owner"), detail: t(`deliverability.owner.${details.owner}`) },
    ...(details.fleet === null
      ? []
      : [{ term: t("finding.cause"), detail: t(`finding.cause.${details.fleet.cause}`) }]),
    {
      term: t("finding.runbook"),
      detail: (
        <Link href={runbookPath(details.runbook)} className="text-accent hover:underline">
          {t("finding.show-runbook")}
        </Link>
      ),
    },
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
