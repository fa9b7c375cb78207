"use client";
import { providerNames } from "@mailstead/core/publishing";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { ConnectDnsDialog } from "./connect-dns-dialog.tsx";
import { RemoveConnectionDialog } from "./remove-connection-dialog.tsx";

type Connection = RouterOutputs["publishing"]["connections"][number];
const levelOf = { testing: "unknown", working: "good", failing: "trouble" } as const;

/** The accounts at DNS providers that records are published through. */
export function DnsConnectionsPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const connections = useQuery(trpc.publishing.connections.queryOptions({}));
  useFollow([{ kind: "dns" }], () => {
    void queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
    void queryClient.invalidateQueries({ queryKey: trpc.withdrawals.pathKey() });
  });
  const rows = connections.data ?? [];
  return (
    <Panel
      title={t("dns.title")}
      description={t("dns.lead")}
      isFlush
      actions={
        <ForRole needed="admin">
          <Button size="small" onClick={() => setAdding(true)}>
            {t("dns.connect")}
          </Button>
        </ForRole>
      }
    >
      <ProblemNote error={connections.error} />
      {connections.isSuccess && rows.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("dns.empty")}</p>
      ) : (
        <ul>
          {rows.map((connection) => (
            <ConnectionLine key={connection.id} connection={connection} />
          ))}
        </ul>
      )}
      <ConnectDnsDialog isOpen={isAdding} onOpenChange={setAdding} />
    </Panel>
  );
}

function ConnectionLine({ connection }: { connection: Connection }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() }) };
  const test = useMutation(trpc.publishing.test.mutationOptions(again));
  const { id, label, provider, state, problem, zones, testedAt, leavingSince } = connection;
  return (
    <li className="grid gap-1.5 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-1 leading-tight">
          <span className="font-medium [overflow-wrap:anywhere]">{label}</span>
          <span className="text-ink-3 text-meta">
            {providerNames[provider]} · {t("dns.zones", { count: zones.length })}
            {testedAt === null ? null : (
              <>
                {" "}
                · {t("dns.tested")} <Ago at={testedAt} />
              </>
            )}
          </span>
        </div>
        {leavingSince === null ? (
          <LevelWord level={levelOf[state]}>{t(`dns.state.${state}`)}</LevelWord>
        ) : (
          <LevelWord level="attention">{t("dns.leaving")}</LevelWord>
        )}
        <ForRole needed="technician">
          <Button
            size="small"
            aria-label={t("dns.test-named", { label })}
            isBusy={test.isPending || state === "testing"}
            onClick={() => test.mutate({ connectionId: id })}
          >
            {t("dns.test")}
          </Button>
        </ForRole>
        <ForRole needed="admin">
          {leavingSince === null ? (
            <Button
              size="small"
              look="quiet-danger"
              aria-label={t("dns.remove-named", { label })}
              onClick={() => setRemoving(true)}
            >
              {t("dns.remove")}
            </Button>
          ) : null}
        </ForRole>
      </div>
      {problem === null ? null : <p className="text-ink-2 [overflow-wrap:anywhere]">{problem}</p>}
      {zones.length === 0 ? null : (
        <p className="max-h-24 overflow-y-auto font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">
          {zones.join(", ")}
        </p>
      )}
      <ProblemNote error={test.error} />
      <RemoveConnectionDialog connection={connection} isOpen={isRemoving} onOpenChange={setRemoving} />
    </li>
  );
}
