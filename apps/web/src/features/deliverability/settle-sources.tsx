"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import type { ShownSource } from "./report-sources.tsx";

/** Says of every stranger in a domain's reports, or of some, that nothing is to be done. */
export function SettleSources({ domainId, sources }: { domainId: string; sources?: readonly string[] }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const settle = useMutation(trpc.deliverability.settleSources.mutationOptions(useAfterwards()));
  return (
    <IfMay use="deliverability.settleSources">
      <Button
        size="small"
        isBusy={settle.isPending}
        onClick={() =>
          settle.mutate({ domainId, ...(sources === undefined ? {} : { sources: [...sources] }) })
        }
      >
        {t(sources === undefined ? "reports.settle-all" : "reports.settle")}
      </Button>
      <ProblemNote error={settle.error} />
    </IfMay>
  );
}

/** What a person has said of a stranger, and can say or take back. */
export function SourceAnswer({ domainId, source }: { domainId: string; source: ShownSource }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const unsettle = useMutation(trpc.deliverability.unsettleSource.mutationOptions(useAfterwards()));
  const { strangerName, settled } = source;
  if (strangerName === null) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 text-table">
      {settled === null ? (
        <SettleSources domainId={domainId} sources={[strangerName]} />
      ) : (
        <>
          <span className="text-ink-2">
            {t("reports.settled", { name: settled.by })} · <Ago at={settled.at} />
          </span>
          <IfMay use="deliverability.unsettleSource">
            <Button
              size="small"
              look="quiet"
              isBusy={unsettle.isPending}
              onClick={() => unsettle.mutate({ domainId, source: strangerName })}
            >
              {t("reports.unsettle")}
            </Button>
            <ProblemNote error={unsettle.error} />
          </IfMay>
        </>
      )}
    </div>
  );
}

function useAfterwards() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return {
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: trpc.deliverability.reports.queryKey() });
      await queryClient.invalidateQueries({ queryKey: trpc.findings.pathKey() });
      await queryClient.invalidateQueries({ queryKey: trpc.home.pathKey() });
    },
  };
}
