"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { delegationStanding, unseenByReason } from "./delegation-standing.ts";

export type DomainDelegation = RouterOutputs["dkimDelegation"]["domain"];

/** Whether keys are replaced behind names that a customer pastes once, the lines to paste, and whether they are seen. */
export function DelegationPanel({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const query = useQuery(trpc.dkimDelegation.domain.queryOptions({ domainId }));
  const onSuccess = async () => {
    await queryClient.invalidateQueries({ queryKey: trpc.dkimDelegation.pathKey() });
    await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
  };
  const delegate = useMutation(trpc.dkimDelegation.delegate.mutationOptions({ onSuccess }));
  const keep = useMutation(trpc.dkimDelegation.keep.mutationOptions({ onSuccess }));
  const check = useMutation(trpc.domains.check.mutationOptions({ onSuccess }));
  const may = useMay();
  if (query.data === undefined) return <ProblemNote error={query.error} />;
  const { isDelegated, aliases } = query.data;
  const standing = delegationStanding(query.data);
  return (
    <Panel
      title={t("delegation.title")}
      description={t("delegation.lead")}
      actions={
        !may("technician") ? null : isDelegated ? (
          <>
            <Button size="small" isBusy={check.isPending} onClick={() => check.mutate({ domainId })}>
              {t("delegation.check")}
            </Button>
            <Button size="small" isBusy={keep.isPending} onClick={() => keep.mutate({ domainId })}>
              {t("delegation.keep")}
            </Button>
          </>
        ) : standing.kind === "no-zone" ? null : (
          <Button size="small" isBusy={delegate.isPending} onClick={() => delegate.mutate({ domainId })}>
            {t("delegation.delegate")}
          </Button>
        )
      }
    >
      <div className="grid gap-3 text-table">
        <p role="status">
          <LevelSentence level={standing.level}>
            {t(`delegation.standing.${standing.kind}`, { count: standing.unseen })}
          </LevelSentence>
        </p>
        {aliases.length === 0 ? null : (
          <>
            <p className="text-ink-2">{t("delegation.paste")}</p>
            <CopyBlock text={aliases.map(({ line }) => line).join("\n")} what={t("delegation.the-aliases")} />
            <ul className="grid gap-1 text-ink-2 text-meta">
              {unseenByReason(aliases).map(({ names, sentence }) => (
                <li key={sentence} className="[overflow-wrap:anywhere]">
                  <span className="font-mono">{names.join(", ")}</span>: {sentence}
                </li>
              ))}
            </ul>
          </>
        )}
        <ProblemNote error={delegate.error ?? keep.error ?? check.error} />
      </div>
    </Panel>
  );
}
