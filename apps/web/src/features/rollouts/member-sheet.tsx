"use client";
import { configurationItem } from "@mailstead/core/rollouts";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import Link from "next/link";
import { Dialog as RadixDialog } from "radix-ui";
import type { ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { LevelIcon, LevelSentence } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ItemVersion } from "./item-version.tsx";
import { MemberLooks } from "./member-looks.tsx";
import { MemberStateWord } from "./member-state-word.tsx";
import { useWaveName } from "./use-wave-name.ts";

type Member = RouterOutputs["rollouts"]["member"];

interface MemberSheetProps {
  rolloutId: string;
  /** Null while none is chosen. */
  serverId: string | null;
  onClose: () => void;
}

/** The story of one server of a rollout, beside the page. */
export function MemberSheet({ rolloutId, serverId, onClose }: MemberSheetProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data, error } = useQuery(
    trpc.rollouts.member.queryOptions(
      { rolloutId, serverId: serverId ?? "" },
      { enabled: serverId !== null },
    ),
  );
  return (
    <RadixDialog.Root open={serverId !== null} onOpenChange={onClose}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <RadixDialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 right-0 z-50 flex w-full max-w-136 flex-col border-line border-l bg-raised shadow-float outline-none"
        >
          <header className="flex items-start justify-between gap-4 border-line border-b px-5 py-3.5">
            <div className="grid min-w-0 gap-0.5">
              <RadixDialog.Title className="font-semibold text-heading [overflow-wrap:anywhere]">
                {data?.name ?? t("rollout.column.server")}
              </RadixDialog.Title>
              {data === undefined ? null : (
                <p className="text-ink-3 text-meta [overflow-wrap:anywhere]">
                  {data.hostname}, {data.tenantName}
                </p>
              )}
            </div>
            <RadixDialog.Close asChild>
              <IconButton label={t("controls.close")} size="small" className="-mr-1">
                <X aria-hidden="true" className="size-4" />
              </IconButton>
            </RadixDialog.Close>
          </header>
          <div className="grid min-h-0 content-start gap-5 overflow-y-auto px-5 py-4">
            <ProblemNote error={error} />
            {data === undefined ? (
              error === null && serverId !== null ? (
                <RowsSkeleton rows={6} />
              ) : null
            ) : (
              <Story member={data} />
            )}
          </div>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

function Story({ member }: { member: Member }) {
  const { t } = useWords();
  const waveName = useWaveName();
  return (
    <>
      <div className="grid gap-1.5">
        <p className="flex flex-wrap items-center gap-x-3">
          <span className="font-medium">
            <MemberStateWord state={member.state} />
          </span>
          <span className="text-ink-3 text-meta">
            {waveName(member.wave)}, <Ago at={member.stateSince} />
          </span>
        </p>
        {member.problem === null ? null : (
          <p className="text-table">
            <LevelSentence level={member.state === "failed" ? "trouble" : "attention"}>
              {member.problem}
            </LevelSentence>
          </p>
        )}
        <Waits member={member} />
      </div>
      <Packages member={member} />
      <Configuration member={member} />
      <Part title={t("rollout.one.mail")}>
        <MemberLooks member={member} />
      </Part>
      <Probes probes={member.probes} />
      <div className="flex flex-wrap gap-2">
        {member.jobId === null ? null : (
          <Button asChild size="small">
            <Link href={`/jobs/${member.jobId}`}>{t("rollout.one.job")}</Link>
          </Button>
        )}
        <Button asChild size="small">
          <Link href={`/servers/${member.serverId}`}>{t("rollout.one.server")}</Link>
        </Button>
      </div>
    </>
  );
}

function Waits({ member }: { member: Member }) {
  const { t, format } = useWords();
  const says = [
    member.state === "waiting" ? member.waitsBecause : member.isOnline ? null : t("rollout.one.offline"),
    member.notBefore === null ? null : t("rollout.one.again", { time: format.clock(member.notBefore) }),
    member.bakeUntil === null || member.state !== "baking"
      ? null
      : t("rollout.one.bakes-until", { time: format.clock(member.bakeUntil) }),
    member.deadlineAt === null ? null : t("rollout.one.deadline", { time: format.clock(member.deadlineAt) }),
  ].filter((one) => one !== null);
  return says.length === 0 ? null : (
    <p className="text-ink-2 text-table" suppressHydrationWarning>
      {says.join(" ")}
    </p>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-ink-3 text-meta">{title}</h3>
      {children}
    </section>
  );
}

function Packages({ member: { packages, changes, hasWayBack } }: { member: Member }) {
  const { t } = useWords();
  const shown =
    changes ??
    packages.map(({ name, architecture, from, version }) => ({ name, architecture, from, to: version }));
  if (shown.length === 0) return null;
  return (
    <Part title={t("rollout.one.packages")}>
      <ul className="grid gap-1 text-table">
        {shown.map(({ name, architecture, from, to }) => (
          <li key={`${name} ${architecture}`} className="flex flex-wrap gap-x-2 [overflow-wrap:anywhere]">
            <ItemVersion
              name={name}
              from={name === configurationItem ? null : (from ?? t("rollout.one.new"))}
              version={to ?? t("rollout.one.gone")}
            />
          </li>
        ))}
      </ul>
      {changes === null && shown.every(({ name }) => name !== configurationItem) ? (
        <p className="text-ink-3 text-meta">{t("rollout.one.planned")}</p>
      ) : null}
      {hasWayBack ? null : (
        <p className="text-meta">
          <LevelSentence level="attention">{t("rollout.one.one-way")}</LevelSentence>
        </p>
      )}
    </Part>
  );
}

function Configuration({ member: { configuration, changedPaths } }: { member: Member }) {
  const { t } = useWords();
  if (configuration === null) return null;
  const { appliedRevision, targetRevision } = configuration;
  return (
    <>
      <Part title={t("rollout.one.revision")}>
        <p className="figures text-table">
          {appliedRevision === targetRevision
            ? targetRevision
            : t("rollout.health.to", { before: String(appliedRevision), after: String(targetRevision) })}
        </p>
      </Part>
      {changedPaths === null ? null : (
        <Part title={t("rollout.one.files")}>
          {changedPaths.length === 0 ? (
            <p className="text-ink-2 text-table">{t("rollout.one.files-none")}</p>
          ) : (
            <ul className="grid max-h-60 gap-0.5 overflow-y-auto font-mono text-meta">
              {changedPaths.map((path) => (
                <li key={path} className="[overflow-wrap:anywhere]">
                  {path}
                </li>
              ))}
            </ul>
          )}
        </Part>
      )}
    </>
  );
}

const probeLevels = { well: "good", bad: "trouble", unknown: "unknown" } as const;

function Probes({ probes }: { probes: Member["probes"] }) {
  const { t, format } = useWords();
  if (probes.length === 0) return null;
  return (
    <Part title={t("rollout.one.probes")}>
      <ol className="grid gap-1 text-table">
        {probes.map(({ at, kind, reasons }) => (
          <li key={at} className="flex gap-2">
            <span className="flex h-lh items-center">
              <LevelIcon level={probeLevels[kind]} />
            </span>
            <span className="min-w-0 [overflow-wrap:anywhere]" suppressHydrationWarning>
              {format.clock(new Date(at))} {t(`rollout.one.probe.${kind}`)}
              {reasons.length === 0 ? null : <span className="text-ink-2">. {reasons.join(" ")}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Part>
  );
}
