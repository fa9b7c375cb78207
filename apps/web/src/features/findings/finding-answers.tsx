"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

type Finding = Pick<
  RouterOutputs["findings"]["list"][number],
  "id" | "acknowledgedBy" | "snoozedUntil" | "closedAt"
>;

const snoozeHours = 24;

/**
 * What a person answers to a finding: that they see to it, or that they want to hear nothing of it for a day. With
 * `others` the answer is given to those as well, which stand on the same line.
 */
export function FindingAnswers({ finding, others = [] }: { finding: Finding; others?: readonly string[] }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const now = useNow();
  const again = {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.findings.pathKey() });
      await queryClient.invalidateQueries({ queryKey: trpc.home.pathKey() });
    },
  };
  const acknowledge = useMutation(trpc.findings.acknowledge.mutationOptions(again));
  const snooze = useMutation(trpc.findings.snooze.mutationOptions(again));
  const { id, acknowledgedBy, snoozedUntil, closedAt } = finding;
  const all = [id, ...others];
  if (closedAt !== null) return null;
  const isSnoozed = snoozedUntil !== null && snoozedUntil > now;
  return (
    <div className="grid justify-items-end gap-1.5">
      <div className="flex flex-wrap items-center justify-end gap-2 text-table">
        {acknowledgedBy === null ? null : (
          <span className="text-ink-2">{t("finding.acknowledged", { name: acknowledgedBy })}</span>
        )}
        <IfMay use="findings.acknowledge">
          <Button
            size="small"
            isBusy={acknowledge.isPending}
            onClick={() => {
              const isAcknowledged = acknowledgedBy === null;
              for (const findingId of all) acknowledge.mutate({ findingId, isAcknowledged });
            }}
          >
            {t(acknowledgedBy === null ? "finding.acknowledge" : "finding.unacknowledge")}
          </Button>
        </IfMay>
        {isSnoozed ? <span className="text-ink-2">{t("finding.snoozed")}</span> : null}
        <IfMay use="findings.snooze">
          <Button
            size="small"
            look="quiet"
            isBusy={snooze.isPending}
            onClick={() => {
              const hours = isSnoozed ? null : snoozeHours;
              for (const findingId of all) snooze.mutate({ findingId, hours });
            }}
          >
            {t(isSnoozed ? "finding.end-snooze" : "finding.snooze")}
          </Button>
        </IfMay>
      </div>
      <ProblemNote error={acknowledge.error ?? snooze.error} />
    </div>
  );
}
