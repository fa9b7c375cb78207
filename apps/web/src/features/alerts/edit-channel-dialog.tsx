"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ChannelForm } from "./channel-form.tsx";

/** Changes what a channel is told and when; one that is paused stays so. */
export function EditChannelDialog({
  channel,
  timeZone,
  isOpen,
  onOpenChange,
}: {
  channel: RouterOutputs["alerts"]["settings"]["channels"][number];
  timeZone: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const change = useMutation(
    trpc.alerts.change.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
        onOpenChange(false);
      },
    }),
  );
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("alerts.edit.title", { name: channel.name })}
      description={t("alerts.edit.lead")}
    >
      <ChannelForm
        before={channel}
        timeZone={timeZone}
        canSendMail
        isBusy={change.isPending}
        error={change.error}
        onSubmit={(wish) =>
          change.mutate({ channelId: channel.id, wish, isStopped: channel.stoppedAt !== null })
        }
        onEnd={() => onOpenChange(false)}
      />
    </Dialog>
  );
}
