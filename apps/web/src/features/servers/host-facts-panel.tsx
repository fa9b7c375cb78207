"use client";
import type { HostUpkeep } from "@mailstead/core/servers";
import type { ReactNode } from "react";
import { Facts } from "../../components/facts.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { ServerDetail } from "./server-menu.tsx";

/** What the agent tells of the host, as it is now. */
export function HostFactsPanel({ server }: { server: ServerDetail }) {
  const { t, format } = useWords();
  const { facts } = server;
  const unknown = <span className="text-ink-3">{t("server.fact.unknown")}</span>;
  return (
    <Panel title={t("server.host")}>
      <Facts
        facts={[
          { term: t("server.fact.customer"), detail: server.tenantName },
          {
            term: t("server.fact.last-seen"),
            detail: server.isConnected ? (
              t("servers.seen.now")
            ) : server.lastSeenAt === null ? (
              t("servers.seen.never")
            ) : (
              <Ago at={server.lastSeenAt} />
            ),
          },
          {
            term: t("server.fact.system"),
            detail: facts === null ? unknown : `${facts.osName}, ${facts.architecture}`,
          },
          { term: t("server.fact.kernel"), detail: facts?.kernel ?? unknown },
          {
            term: t("server.fact.memory"),
            detail:
              facts === null
                ? unknown
                : t("server.fact.memory-of", {
                    available: format.bytes(facts.memoryAvailableBytes),
                    total: format.bytes(facts.memoryTotalBytes),
                  }),
          },
          {
            term: t("server.fact.disk"),
            detail:
              facts === null
                ? unknown
                : t("server.fact.memory-of", {
                    available: format.bytes(facts.diskFreeBytes),
                    total: format.bytes(facts.diskTotalBytes),
                  }),
          },
          { term: t("server.fact.cpus"), detail: facts === null ? unknown : format.number(facts.cpuCount) },
          {
            term: t("server.fact.uptime"),
            detail: facts === null ? unknown : <Ago at={new Date(facts.bootedAtUnixMs)} />,
          },
          {
            term: t("server.fact.port-25"),
            detail:
              facts?.canReachPort25 == null ? (
                <LevelWord level="unknown">{t("server.fact.port-25-unknown")}</LevelWord>
              ) : facts.canReachPort25 ? (
                <LevelWord level="good">{t("server.fact.port-25-open")}</LevelWord>
              ) : (
                <LevelWord level="trouble">{t("server.fact.port-25-blocked")}</LevelWord>
              ),
          },
          {
            term: t("server.fact.queue"),
            detail:
              facts?.queueSizeMessages == null
                ? unknown
                : t("server.fact.queue-messages", { count: facts.queueSizeMessages }),
          },
          ...(facts?.queueOldestAtUnixMs == null
            ? []
            : [
                {
                  term: t("server.fact.queue-oldest"),
                  detail: <Ago at={new Date(facts.queueOldestAtUnixMs)} />,
                },
              ]),
          ...(facts === null || facts.dkimKeysGone.length === 0
            ? []
            : [{ term: t("server.fact.dkim-keys-gone"), detail: facts.dkimKeysGone.join(", ") }]),
          ...upkeepFacts(facts?.upkeep ?? null, { t, format }),
          { term: t("server.fact.agent"), detail: facts?.agentVersion ?? unknown },
          {
            term: t("server.fact.target"),
            detail:
              server.appliedRevision === server.targetRevision || server.installRequestedAt === null
                ? t("server.fact.target-revision", { target: server.targetRevision })
                : t("server.fact.target-behind", {
                    target: server.targetRevision,
                    applied: server.appliedRevision,
                  }),
          },
        ]}
      />
    </Panel>
  );
}

/** What the host needs beside its mail; a part that its agent does not tell has no line. */
function upkeepFacts(
  upkeep: HostUpkeep | null,
  { t, format }: Pick<ReturnType<typeof useWords>, "t" | "format">,
): { term: string; detail: ReactNode }[] {
  if (upkeep === null) return [];
  const { clock, updates, ssh, backup } = upkeep;
  const lines: { term: string; detail: ReactNode }[] = [];
  if (clock !== null && clock.isSynchronised !== null)
    lines.push({
      term: t("server.fact.clock"),
      detail: clock.isSynchronised ? (
        <LevelWord level="good">{t("server.fact.clock-set")}</LevelWord>
      ) : (
        <LevelWord level="attention">{t("server.fact.clock-alone")}</LevelWord>
      ),
    });
  if (updates !== null)
    lines.push({
      term: t("server.fact.updates"),
      detail:
        updates.count === 0
          ? t("server.fact.updates-none")
          : t("server.fact.updates-pending", { count: updates.count, security: updates.securityCount }),
    });
  if (ssh !== null)
    lines.push({
      term: t("server.fact.ssh"),
      detail: t(ssh.takesPasswords ? "server.fact.ssh-passwords" : "server.fact.ssh-keys"),
    });
  if (backup !== null)
    lines.push({
      term: t("server.fact.backup"),
      detail:
        backup.kind === "made"
          ? format.day(new Date(`${backup.lastOn}T12:00:00Z`))
          : t(`server.fact.backup-${backup.kind}`),
    });
  return lines;
}
