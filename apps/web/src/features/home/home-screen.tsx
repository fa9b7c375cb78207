"use client";
import { levelOfStatus, type ServerStatus } from "@mailstead/core/servers";
import { useQuery } from "@tanstack/react-query";
import { Minus, TriangleAlert, X } from "lucide-react";
import Link from "next/link";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { usePaced } from "../../client/use-paced.ts";
import { classNames } from "../../components/class-names.ts";
import type { Level } from "../../components/level.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { ProblemScreen } from "../../components/problem-screen.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { isChange } from "../jobs/is-change.ts";
import { JobList, type JobRow } from "../jobs/job-list.tsx";
import { JobStateWord } from "../jobs/job-state-word.tsx";
import { useJobName } from "../jobs/use-job-name.ts";
import { useFollow } from "../live/live-provider.tsx";
import { everyServer } from "../live/topics.ts";
import { RunningRollouts } from "../rollouts/running-rollouts.tsx";
import { ServerStateIcon } from "../servers/server-state-word.tsx";
import { FindingChanges } from "./finding-changes.tsx";
import { FindingsPanel } from "./findings-panel.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { recentJobs } from "./recent-jobs.ts";

type Overview = RouterOutputs["home"]["overview"];

/** Is any customer's mail in trouble now, and what do I do first? */
export function HomeScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.home.overview.queryOptions());
  const recent = useQuery(trpc.jobs.list.queryOptions(recentJobs));
  const overview = query.data;
  useFollow(
    [everyServer],
    usePaced(() => Promise.all([query.refetch(), recent.refetch()])),
  );
  if (overview === undefined)
    return query.error === null ? null : (
      <ProblemScreen error={query.error} retry={() => void query.refetch()} />
    );
  if (overview.serverCount === 0) return <FirstSteps />;
  return (
    <>
      <PageHeader title={t("home.title")} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_23rem]">
        <div className="grid min-w-0 gap-4">
          <FindingsPanel overview={overview} />
          <FindingChanges />
          <Panel title={t("home.recent")} isFlush>
            <Changes jobs={recent.data?.jobs} error={recent.error} />
          </Panel>
        </div>
        <div className="grid min-w-0 gap-4">
          <Fleet overview={overview} />
          <RunningRollouts />
          <RunningWork jobs={overview.runningJobs} />
        </div>
      </div>
    </>
  );
}

const changesMax = 8;

interface ChangesProps {
  jobs: readonly JobRow[] | undefined;
  error: unknown;
}

function Changes({ jobs, error }: ChangesProps) {
  const { t } = useWords();
  if (jobs === undefined)
    return error === null ? (
      <RowsSkeleton rows={changesMax} />
    ) : (
      <div className="p-3">
        <ProblemNote error={error} />
      </div>
    );
  const changes = jobs.filter(isChange).slice(0, changesMax);
  if (changes.length === 0)
    return <p className="px-4 py-3.5 text-ink-3 text-table">{t("home.recent-none")}</p>;
  return <JobList jobs={changes} hasServer />;
}

const cells: Record<Level, string> = {
  good: "bg-good/75 hover:bg-good",
  attention: "bg-attention/80 hover:bg-attention",
  trouble: "bg-trouble-fill hover:bg-trouble-fill-hover",
  unknown: "bg-line-strong hover:bg-ink-3",
};
const levelOrder: readonly Level[] = ["trouble", "attention", "unknown", "good"];

function Fleet({ overview }: { overview: Overview }) {
  const { t, format } = useWords();
  const statuses = Object.entries(overview.statuses) as [ServerStatus, number][];
  const byUrgency = statuses.sort(
    ([a], [b]) => levelOrder.indexOf(levelOfStatus[a]) - levelOrder.indexOf(levelOfStatus[b]),
  );
  const figures = [
    {
      href: "/servers",
      value: overview.serverCount,
      label: t("home.figure.servers", { count: overview.serverCount }),
    },
    {
      href: "/domains",
      value: overview.domainCount,
      label: t("home.figure.domains", { count: overview.domainCount }),
    },
    {
      href: "/mailboxes",
      value: overview.mailboxCount,
      label: t("home.figure.mailboxes", { count: overview.mailboxCount }),
    },
    {
      href: "/servers?sort=-queue",
      value: overview.queueSizeMessages,
      label: t("home.figure.queue", { count: overview.queueSizeMessages }),
    },
  ];
  return (
    <Panel title={t("home.fleet")}>
      <div className="grid gap-4">
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(1.25rem,1fr))] gap-1.5">
          {overview.servers.map((server) => {
            const label = t("home.fleet-server", {
              name: server.name,
              customer: server.tenantName,
              status: t(`status.${server.status}`),
            });
            return (
              <li key={server.id}>
                <Link
                  href={`/servers/${server.id}`}
                  aria-label={label}
                  title={label}
                  className={classNames(
                    "grid h-6 place-items-center rounded-[0.3125rem] transition-colors",
                    cells[server.level],
                  )}
                >
                  <FleetGlyph level={server.level} />
                </Link>
              </li>
            );
          })}
        </ul>
        <ul className="grid gap-0.5">
          {byUrgency.map(([status, count]) => (
            <li key={status}>
              <Link
                href={`/servers?state=${status}`}
                className="-mx-2 flex h-7 items-center gap-2 rounded-ui px-2 text-table hover:bg-hover"
              >
                <ServerStateIcon status={status} />
                <span className="flex-1">{t(`status.${status}`)}</span>
                <span className="figures text-ink-2">{format.number(count)}</span>
              </Link>
            </li>
          ))}
        </ul>
        <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-ui border border-line bg-line">
          {figures.map((figure) => (
            <div
              key={figure.label}
              className="relative flex flex-col-reverse bg-surface px-3 py-2 hover:bg-hover"
            >
              <dt className="text-ink-3 text-meta">{figure.label}</dt>
              <dd className="figures font-semibold text-heading">
                <Link
                  href={figure.href}
                  className="rounded-ui after:absolute after:inset-0"
                  aria-label={`${format.number(figure.value)} ${figure.label}`}
                >
                  {format.number(figure.value)}
                </Link>
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </Panel>
  );
}

/** The state of a cell without its colour: a tick needs no glyph, what needs somebody has one. */
function FleetGlyph({ level }: { level: Level }) {
  if (level === "good") return null;
  const Icon = level === "unknown" ? Minus : level === "trouble" ? X : TriangleAlert;
  return (
    <Icon
      aria-hidden="true"
      className={classNames("size-3", level === "unknown" ? "text-ink" : "text-canvas")}
      strokeWidth={3}
    />
  );
}

function RunningWork({ jobs }: { jobs: Overview["runningJobs"] }) {
  const { t } = useWords();
  const nameOf = useJobName();
  return (
    <Panel title={t("home.running")} isFlush>
      {jobs.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("home.running-none")}</p>
      ) : null}
      <ul>
        {jobs.map((job) => (
          <li key={job.id} className="border-line border-b last:border-b-0">
            <Link
              href={`/jobs/${job.id}`}
              className="flex items-center gap-3 px-4 py-2 text-table -outline-offset-2 hover:bg-hover"
            >
              <span className="grid min-w-0 flex-1 leading-tight">
                <span className="truncate font-medium">{nameOf(job)}</span>
                <span className="truncate text-ink-3 text-meta">
                  {job.serverName}, <Ago at={job.createdAt} />
                </span>
              </span>
              <JobStateWord state={job.state} />
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
