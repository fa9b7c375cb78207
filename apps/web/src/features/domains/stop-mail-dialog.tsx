"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { RecordChanges } from "./record-changes.tsx";

/** Says what becomes of a domain that shall have no mail, or what keeps it from that. */
export function StopMailDialog({
  domain,
  isOpen,
  onOpenChange,
}: {
  domain: RouterOutputs["domains"]["get"];
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const { id: domainId, name } = domain;
  const preview = useQuery({ ...trpc.domains.stopPreview.queryOptions({ domainId }), enabled: isOpen });
  const stop = useMutation(
    trpc.domains.stopMail.mutationOptions({
      onSuccess: async () => {
        onOpenChange(false);
        router.push(`/domains/${domainId}`);
        await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
      },
    }),
  );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("stop-mail.title", { name: domain.unicodeName })}
      consequence={
        <>
          <p>{t("stop-mail.consequence")}</p>
          {preview.data === undefined ? null : <Consequences preview={preview.data} />}
        </>
      }
      actionLabel={t("stop-mail.action")}
      {...(preview.data?.problem === null ? { typedName: name } : { isBlocked: true })}
      isBusy={stop.isPending}
      error={stop.error ?? preview.error}
      onConfirm={() => stop.mutate({ domainId })}
    />
  );
}

function Consequences({ preview }: { preview: RouterOutputs["domains"]["stopPreview"] }) {
  const { t } = useWords();
  const { problem, difference, keys, otherSenders, custody } = preview;
  if (problem !== null)
    return (
      <p className="rounded-ui bg-attention-soft px-3 py-2 text-ink text-table">
        <LevelSentence level="attention">{problem}</LevelSentence>
      </p>
    );
  return (
    <>
      {otherSenders.length === 0 ? null : (
        <p className="rounded-ui bg-attention-soft px-3 py-2 text-ink text-table">
          <LevelSentence level="attention">
            {t("stop-mail.senders", { senders: otherSenders.join(", ") })}
          </LevelSentence>
        </p>
      )}
      <RecordChanges now={difference} keys={keys} custody={custody} />
    </>
  );
}
