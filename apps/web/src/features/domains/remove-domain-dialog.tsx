"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ValueList } from "../withdrawals/value-list.tsx";
import { WithdrawChoice } from "../withdrawals/withdraw-choice.tsx";

type Preview = RouterOutputs["withdrawals"]["ofDomain"];

/** Says what becomes of a domain's mail and of its records, and which of those go. */
export function RemoveDomainDialog({
  domain,
  isOpen,
  onOpenChange,
}: {
  domain: { id: string; name: string };
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [withdrawsRecords, setWithdraws] = useState(true);
  const { id: domainId, name } = domain;
  const preview = useQuery({ ...trpc.withdrawals.ofDomain.queryOptions({ domainId }), enabled: isOpen });
  const remove = useMutation(
    trpc.domains.remove.mutationOptions({
      onSuccess: async () => {
        router.push("/domains");
        await queryClient.invalidateQueries({ queryKey: trpc.domains.list.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("domain.remove-title", { name })}
      consequence={
        <>
          <p>{t("domain.remove-consequence", { name })}</p>
          {preview.data === undefined ? null : (
            <Records preview={preview.data} isChosen={withdrawsRecords} onChange={setWithdraws} />
          )}
        </>
      }
      actionLabel={t("domain.remove")}
      typedName={name}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate({ domainId, withdrawsRecords })}
    />
  );
}

function Records({
  preview,
  isChosen,
  onChange,
}: {
  preview: Preview;
  isChosen: boolean;
  onChange: (isChosen: boolean) => void;
}) {
  const { t } = useWords();
  const { going, keys, staying, unreachable, hosted } = preview;
  const count = going.length + keys.length;
  return (
    <>
      {hosted.length === 0 ? null : <p>{t("withdraw.hosted", { zones: hosted.join(", ") })}</p>}
      {count === 0 ? (
        hosted.length === 0 ? (
          <p>{t("withdraw.none-ours")}</p>
        ) : null
      ) : (
        <div className="grid gap-1.5 rounded-ui border border-line px-3 py-2 text-table">
          <WithdrawChoice label={t("withdraw.domain", { count })} isChosen={isChosen} onChange={onChange} />
          <ValueList label={t("withdraw.going", { count: going.length })} values={going} />
          <ValueList label={t("withdraw.keys", { count: keys.length })} values={keys} />
          <ValueList label={t("withdraw.staying", { count: staying.length })} values={staying} />
          {unreachable.length === 0 ? null : (
            <p>{t("withdraw.unreachable", { zones: unreachable.join(", ") })}</p>
          )}
          <p className="text-ink-3 text-meta">{t("withdraw.foreign")}</p>
        </div>
      )}
    </>
  );
}
