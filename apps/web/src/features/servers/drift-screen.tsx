"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { DiffView } from "../../components/diff-view.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { RowsSkeleton } from "../../components/skeleton.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { useServerCache } from "./use-server-cache.ts";

/** What differs on the host from the target state, as diffs, and the two things to do about it. */
export function DriftScreen({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const router = useRouter();
  const cache = useServerCache();
  const [asked, setAsked] = useState<"revert" | "keep" | null>(null);
  const drift = useQuery(trpc.servers.drift.queryOptions({ serverId }));
  const revert = useMutation(
    trpc.servers.converge.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const keep = useMutation(
    trpc.servers.changeDriftPolicy.mutationOptions({
      onSuccess: () => {
        setAsked(null);
        return cache.refresh();
      },
    }),
  );
  if (drift.data === undefined)
    return drift.isPending ? (
      <Panel isFlush>
        <RowsSkeleton rows={3} />
      </Panel>
    ) : (
      <ProblemNote error={drift.error} />
    );
  const { entries, driftPolicy, reportedAt } = drift.data;
  if (entries.length === 0) {
    return (
      <Panel isFlush>
        <EmptyState icon={CircleCheck} title={t("drift.none-title")}>
          {t("drift.none")}
        </EmptyState>
      </Panel>
    );
  }
  return (
    <>
      <Panel
        title={t("drift.lead", { count: entries.length })}
        description={
          <>
            {t(`drift.policy.${driftPolicy}`)}
            {reportedAt === null ? null : (
              <>
                {" · "}
                {t("drift.observed")} <Ago at={reportedAt} />
              </>
            )}
          </>
        }
        isFlush
        actions={
          <>
            {driftPolicy === "keep" || !may("servers.changeDriftPolicy") ? null : (
              <Button onClick={() => setAsked("keep")}>{t("drift.keep")}</Button>
            )}
            {may("servers.converge") ? (
              <Button look="primary" onClick={() => setAsked("revert")}>
                {t("drift.revert")}
              </Button>
            ) : null}
          </>
        }
      >
        {entries.map((entry, index) => (
          <Disclosure
            key={entry.path}
            isOpenAtFirst={index < 3}
            summary={<span className="font-mono text-table">{entry.path}</span>}
            note={<span className="text-ink-3 text-meta">{t(`drift.kind.${entry.kind}`)}</span>}
          >
            <DiffView diff={entry.diff} label={t("drift.diff-of", { path: entry.path })} />
          </Disclosure>
        ))}
      </Panel>
      <ConfirmDialog
        isOpen={asked === "revert"}
        onOpenChange={(isOpen) => setAsked(isOpen ? "revert" : null)}
        title={t("drift.revert-title")}
        consequence={<p>{t("drift.revert-consequence")}</p>}
        actionLabel={t("drift.revert")}
        isBusy={revert.isPending}
        error={revert.error}
        onConfirm={() => revert.mutate({ serverId, revertsDrift: true })}
      />
      <ConfirmDialog
        isOpen={asked === "keep"}
        onOpenChange={(isOpen) => setAsked(isOpen ? "keep" : null)}
        title={t("drift.keep-title")}
        consequence={<p>{t("drift.keep-consequence")}</p>}
        actionLabel={t("drift.keep")}
        isBusy={keep.isPending}
        error={keep.error}
        onConfirm={() => keep.mutate({ serverId, driftPolicy: "keep" })}
      />
    </>
  );
}
