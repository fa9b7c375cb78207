"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";

/** What a person answers to a channel's lost alerts: that they are tried again, unless it is paused, or that they are known of. */
export function LostAnswers({
  channelId,
  name,
  isStopped,
}: {
  channelId: string;
  name: string;
  isStopped: boolean;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const again = {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.alerts.pathKey() });
      await queryClient.invalidateQueries({ queryKey: trpc.home.pathKey() });
    },
  };
  const retry = useMutation(trpc.alerts.retry.mutationOptions(again));
  const dismiss = useMutation(trpc.alerts.dismiss.mutationOptions(again));
  return (
    <>
      {isStopped ? null : (
        <IfMay use="alerts.retry">
          <Button
            size="small"
            isBusy={retry.isPending}
            aria-label={t("alerts.retry-named", { name })}
            onClick={() => retry.mutate({ channelId })}
          >
            {t("alerts.retry")}
          </Button>
        </IfMay>
      )}
      <IfMay use="alerts.dismiss">
        <Button
          size="small"
          isBusy={dismiss.isPending}
          aria-label={t("alerts.dismiss-named", { name })}
          onClick={() => dismiss.mutate({ channelId })}
        >
          {t("alerts.dismiss")}
        </Button>
      </IfMay>
      <ProblemNote error={retry.error ?? dismiss.error} />
    </>
  );
}
