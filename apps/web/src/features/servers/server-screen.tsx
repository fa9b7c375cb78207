"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTRPC } from "../../client/trpc.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { CertificatesPanel } from "../certificates/certificates-panel.tsx";
import { JobList } from "../jobs/job-list.tsx";
import { RolloutPlaceNote } from "../maintenance/rollout-place-note.tsx";
import { MeasuresPanel } from "../measures/measures-panel.tsx";
import { WarmUpPanels } from "../measures/warm-up-panel.tsx";
import { ServerTagsPanel } from "../tags/server-tags-panel.tsx";
import { EnrolmentPanel } from "./enrolment-panel.tsx";
import { HostFactsPanel } from "./host-facts-panel.tsx";
import { OutsidePanel } from "./outside-panel.tsx";
import { RestartButton } from "./restart-button.tsx";
import { ServerFindings } from "./server-findings.tsx";
import type { ServerDetail } from "./server-menu.tsx";
import { restartableService, serviceName } from "./service-name.ts";

/** Is this host right, and what differs? */
export function ServerScreen({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.servers.get.queryOptions({ serverId }));
  const server = query.data;
  if (server === undefined) return null;
  if (server.enrolmentState === "awaiting-agent") return <EnrolmentPanel server={server} />;
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="grid min-w-0 gap-4">
        <ServerFindings server={server} />
        <Services server={server} />
        <OutsidePanel serverId={serverId} />
        <MeasuresPanel serverId={serverId} />
        <WarmUpPanels serverId={serverId} addresses={server.facts?.ipAddresses ?? []} />
        {server.installRequestedAt === null ? null : <CertificatesPanel serverId={serverId} />}
        <Panel
          title={t("server.recent-jobs")}
          isFlush
          actions={
            <Link href={`/servers/${serverId}/jobs`} className="text-accent text-table hover:underline">
              {t("server.all-jobs")}
            </Link>
          }
        >
          <RecentJobs serverId={serverId} />
        </Panel>
      </div>
      <div className="grid min-w-0 gap-4">
        <HostFactsPanel server={server} />
        <RolloutPlaceNote serverId={serverId} />
        <ServerTagsPanel server={server} />
        <Addresses server={server} />
        <Domains server={server} />
        <Packages server={server} />
      </div>
    </div>
  );
}

const recentJobsMax = 6;

function RecentJobs({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const jobs = useQuery(trpc.jobs.list.queryOptions({ serverId, limit: recentJobsMax }));
  if (jobs.data === undefined)
    return jobs.error === null ? (
      <RowsSkeleton rows={recentJobsMax} />
    ) : (
      <div className="p-3">
        <ProblemNote error={jobs.error} />
      </div>
    );
  if (jobs.data.jobs.length === 0)
    return <p className="px-4 py-3.5 text-ink-3 text-table">{t("server.no-jobs")}</p>;
  return <JobList jobs={jobs.data.jobs} hasServer={false} />;
}

const serviceLevels = {
  running: "good",
  stopped: "trouble",
  failed: "trouble",
  "not-installed": "unknown",
} as const;

function Services({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const services = server.facts?.services ?? [];
  return (
    <Panel title={t("server.services")} isFlush>
      {services.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("server.facts-waiting")}</p>
      ) : null}
      <ul>
        {services.map((service) => {
          const restartable = restartableService(service.unit);
          const name = serviceName(service.unit);
          return (
            <li
              key={service.unit}
              className="flex h-10 items-center gap-4 border-line border-b px-4 text-table last:border-b-0"
            >
              <span className="min-w-0 flex-1 truncate font-medium">{name}</span>
              <LevelWord level={serviceLevels[service.state]}>
                {t(`server.service.${service.state}`)}
              </LevelWord>
              <span className="w-36 text-right text-ink-3 text-meta max-sm:hidden">
                {service.sinceUnixMs === null || service.state !== "running" ? null : (
                  <>
                    {t("server.service.started")} <Ago at={new Date(service.sinceUnixMs)} />
                  </>
                )}
              </span>
              <span className="flex w-20 justify-end">
                {restartable === null ||
                server.installRequestedAt === null ||
                service.state === "not-installed" ? null : (
                  <RestartButton serverId={server.id} service={restartable} />
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function Addresses({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const addresses = server.facts?.ipAddresses ?? [];
  if (addresses.length === 0) return null;
  return (
    <Panel title={t("server.addresses")} isFlush>
      <ul className="py-1">
        {addresses.map((address) => (
          <li
            key={address}
            className="flex h-8 items-center justify-between gap-2 pr-2 pl-4 font-mono text-table"
          >
            <span className="min-w-0 [overflow-wrap:anywhere]">{address}</span>
            <CopyButton text={address} what={address} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Domains({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  return (
    <Panel title={t("server.domains")} isFlush>
      {server.domains.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("server.no-domains")}</p>
      ) : (
        <ul className="py-1">
          {server.domains.map((domain) => (
            <li key={domain.id}>
              <Link
                href={`/domains/${domain.id}`}
                className="flex h-8 items-center px-4 font-mono text-table -outline-offset-2 hover:bg-hover hover:underline"
              >
                {domain.unicodeName}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Packages({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const packages = Object.entries(server.facts?.packages ?? {}).sort(([a], [b]) => a.localeCompare(b));
  return (
    <Panel title={t("server.packages")} isFlush>
      {packages.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("server.no-packages")}</p>
      ) : (
        <table className="w-full text-left text-table" aria-label={t("server.packages")}>
          <thead className="sr-only">
            <tr>
              <th scope="col">{t("server.package.name")}</th>
              <th scope="col">{t("server.package.version")}</th>
            </tr>
          </thead>
          <tbody>
            {packages.map(([name, version]) => (
              <tr key={name} className="border-line border-b last:border-b-0">
                <td className="py-1.5 pr-2 pl-4">{name}</td>
                <td className="py-1.5 pr-4 text-right font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">
                  {version}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
