"use client";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { DelegationPanel } from "../dkim-delegation/delegation-panel.tsx";
import { RotationPanel } from "../rotations/rotation-panel.tsx";
import { keyWord } from "./key-word.ts";

type Key = RouterOutputs["domains"]["get"]["keys"][number];

/** The DKIM keys of a domain, with which of them sign. */
export function KeysScreen({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const query = useQuery(trpc.domains.get.queryOptions({ domainId }));
  if (query.data === undefined) return null;
  const serverName = (id: string) => query.data.servers.find((server) => server.id === id)?.name ?? "";
  const columns: readonly Column<Key>[] = [
    {
      id: "selector",
      header: t("domain.key.selector"),
      cell: (key) => <span className="font-mono">{key.selector}</span>,
    },
    {
      id: "algorithm",
      header: t("domain.key.algorithm"),
      cell: (key) => (
        <span className="whitespace-nowrap text-ink-2">
          {key.algorithm === "ed25519" ? "Ed25519" : "RSA-2048"}
        </span>
      ),
    },
    {
      id: "server",
      header: t("domain.key.server"),
      from: "sm",
      cell: (key) => <span className="text-ink-2">{serverName(key.serverId)}</span>,
    },
    {
      id: "state",
      header: t("domain.key.state"),
      cell: (key) => (
        <LevelWord level={key.isSigning ? "good" : "unknown"}>{t(`domain.key.${keyWord(key)}`)}</LevelWord>
      ),
    },
    {
      id: "record",
      header: t("domain.record.name"),
      from: "lg",
      cell: (key) => (
        <span className="flex items-center gap-1 font-mono text-ink-2 text-meta">
          {key.recordName}
          <CopyButton text={key.recordName} what={t("domain.record.the-name")} />
        </span>
      ),
    },
  ];
  return (
    <div className="grid gap-4">
      <RotationPanel
        domainId={domainId}
        domainName={query.data.name}
        serverIds={query.data.servers.map(({ id }) => id)}
      />
      <DelegationPanel domainId={domainId} />
      <Panel title={t("domain.tab.keys")} description={t("domain.keys.lead")} isFlush>
        {query.data.keys.length === 0 ? (
          <EmptyState icon={KeyRound} title={t("domain.tab.keys")}>
            {t("domain.keys.empty")}
          </EmptyState>
        ) : (
          <DataTable
            label={t("domain.tab.keys")}
            columns={columns}
            rows={query.data.keys}
            rowId={(key) => key.id}
            rowName={(key) => key.selector}
          />
        )}
      </Panel>
    </div>
  );
}
