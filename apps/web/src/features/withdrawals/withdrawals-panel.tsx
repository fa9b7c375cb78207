"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { type Level, LevelWord } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { LeaveRecordsDialog } from "./leave-records-dialog.tsx";
import { ValueList } from "./value-list.tsx";

type Withdrawal = RouterOutputs["withdrawals"]["list"][number];

/** Records that are still to be taken away, of one domain or of all, and why they still stand; nothing while there are none. */
export function WithdrawalsPanel({ domainName }: { domainName?: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const withdrawals = useQuery(trpc.withdrawals.list.queryOptions({}));
  const rows = (withdrawals.data ?? []).filter(
    (withdrawal) => domainName === undefined || withdrawal.domainName === domainName,
  );
  if (rows.length === 0) return <ProblemNote error={withdrawals.error} />;
  return (
    <Panel id="withdrawals" title={t("withdrawals.title")} description={t("withdrawals.lead")} isFlush>
      <ul>
        {rows.map((withdrawal) => (
          <WithdrawalLine key={withdrawal.id} withdrawal={withdrawal} />
        ))}
      </ul>
    </Panel>
  );
}

function WithdrawalLine({ withdrawal }: { withdrawal: Withdrawal }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const again = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.withdrawals.pathKey() }),
  };
  const retry = useMutation(trpc.withdrawals.retry.mutationOptions(again));
  const may = useMay();
  const [isLeaving, setLeaving] = useState(false);
  const { id, domainName, connectionId, problem, nextAttemptAt, isDue, values } = withdrawal;
  const { level, words } = standingOf(withdrawal);
  return (
    <li className="grid gap-1.5 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-1 leading-tight">
          <span className="font-medium font-mono [overflow-wrap:anywhere]">{domainName}</span>
          {words === "failed" ? null : (
            <span className="text-ink-3 text-meta">
              {t(isDue ? "withdrawals.next" : "withdrawals.kept")} <Ago at={nextAttemptAt} />
            </span>
          )}
        </div>
        <LevelWord level={level}>{t(`withdrawals.state.${words}`)}</LevelWord>
        {isDue && may("technician") ? (
          <Button
            size="small"
            aria-label={t("withdrawals.retry-named", { name: domainName })}
            isBusy={retry.isPending}
            onClick={() => retry.mutate({ withdrawalId: id })}
          >
            {t("withdrawals.retry")}
          </Button>
        ) : null}
        {may("admin") ? (
          <Button
            size="small"
            look="quiet-danger"
            aria-label={t("withdrawals.leave-named", { name: domainName })}
            onClick={() => setLeaving(true)}
          >
            {t("withdrawals.leave")}
          </Button>
        ) : null}
      </div>
      {connectionId === null ? null : <p className="text-ink-3 text-meta">{t("withdrawals.through")}</p>}
      {problem === null ? null : <p className="text-ink-2 [overflow-wrap:anywhere]">{problem}</p>}
      <ValueList label={t("withdrawals.values", { count: values.length })} values={values} />
      <ProblemNote error={retry.error} />
      <LeaveRecordsDialog withdrawal={withdrawal} isOpen={isLeaving} onOpenChange={setLeaving} />
    </li>
  );
}

function standingOf({ state, problem }: Withdrawal): { level: Level; words: "failed" | "again" | "waiting" } {
  if (state === "failed") return { level: "trouble", words: "failed" };
  return problem === null ? { level: "unknown", words: "waiting" } : { level: "attention", words: "again" };
}
