"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

/** Whether a person gets the daily mail of what changed in the checks. */
export function DigestPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const wish = useQuery(trpc.access.digestWish.queryOptions());
  const change = useMutation(
    trpc.access.changeDigestWish.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.access.digestWish.queryKey() }),
    }),
  );
  if (wish.data === undefined) return wish.error === null ? null : <ProblemNote error={wish.error} />;
  const { isWanted, canSend } = wish.data;
  return (
    <Panel title={t("settings.digest")} description={t("settings.digest-note")}>
      <div className="grid gap-2 text-table">
        <SwitchField
          label={t("settings.digest-wanted")}
          isOn={isWanted}
          onChange={(isOn) => change.mutate({ isWanted: isOn })}
        />
        {canSend ? null : <p className="text-ink-3">{t("settings.digest-cannot")}</p>}
        <ProblemNote error={change.error} />
      </div>
    </Panel>
  );
}
