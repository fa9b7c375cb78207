"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ValueList } from "../withdrawals/value-list.tsx";
import { WithdrawChoice } from "../withdrawals/withdraw-choice.tsx";

/** Says what becomes of the records that were written through a connection. */
export function RemoveConnectionDialog({
  connection,
  isOpen,
  onOpenChange,
}: {
  connection: { id: string; label: string };
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [withdrawsRecords, setWithdraws] = useState(false);
  const { id: connectionId, label } = connection;
  const written = useQuery({
    ...trpc.withdrawals.ofConnection.queryOptions({ connectionId }),
    enabled: isOpen,
  });
  const remove = useMutation(
    trpc.publishing.disconnect.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false);
        await queryClient.invalidateQueries({ queryKey: trpc.publishing.pathKey() });
        await queryClient.invalidateQueries({ queryKey: trpc.withdrawals.pathKey() });
      },
    }),
  );
  const { going = [], later = [], keys = [], waiting = [] } = written.data ?? {};
  const wanted = going.length + later.length;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("dns.remove.title", { label })}
      consequence={
        <>
          <p>{t("dns.remove.consequence")}</p>
          {waiting.length === 0 ? null : (
            <div className="grid gap-1.5 text-table">
              <p>{t("withdraw.connection-waiting", { count: waiting.length })}</p>
              <ValueList
                label={t("withdraw.connection-waiting-list", { count: waiting.length })}
                values={waiting}
              />
            </div>
          )}
          {wanted === 0 ? null : (
            <div className="grid gap-1.5 rounded-ui border border-line px-3 py-2 text-table">
              <WithdrawChoice
                label={t("withdraw.connection", { count: wanted })}
                isChosen={withdrawsRecords}
                onChange={setWithdraws}
              />
              <ValueList label={t("withdraw.going", { count: going.length })} values={going} />
              <ValueList label={t("withdraw.connection-later", { count: later.length })} values={later} />
              <ValueList label={t("withdraw.connection-keys", { count: keys.length })} values={keys} />
              {withdrawsRecords ? (
                <p className="text-trouble">{t("withdraw.connection-warning")}</p>
              ) : (
                <p>{t("dns.remove.records-stay")}</p>
              )}
            </div>
          )}
        </>
      }
      actionLabel={t("dns.remove.action")}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ connectionId, withdrawsRecords })}
    />
  );
}
