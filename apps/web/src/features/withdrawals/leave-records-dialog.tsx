"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ValueList } from "./value-list.tsx";

/** Asks before records are left where they stand, and says what stays and what that costs. */
export function LeaveRecordsDialog({
  withdrawal,
  isOpen,
  onOpenChange,
}: {
  withdrawal: RouterOutputs["withdrawals"]["list"][number];
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { id: withdrawalId, domainName, connectionId, values } = withdrawal;
  const giveUp = useMutation(
    trpc.withdrawals.giveUp.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false);
        await queryClient.invalidateQueries({ queryKey: trpc.withdrawals.pathKey() });
        await queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("withdrawals.leave.title", { name: domainName })}
      consequence={
        <>
          <p>{t("withdrawals.leave.consequence")}</p>
          {connectionId === null ? null : <p>{t("withdrawals.leave.connection")}</p>}
          <p>{t("withdrawals.leave.again")}</p>
          <ValueList label={t("withdrawals.leave.stay", { count: values.length })} values={values} />
        </>
      }
      actionLabel={t("withdrawals.leave")}
      isBusy={giveUp.isPending}
      error={giveUp.error}
      onConfirm={() => giveUp.mutate({ withdrawalId })}
    />
  );
}
