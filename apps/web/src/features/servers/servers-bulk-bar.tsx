"use client";
import { useMutation } from "@tanstack/react-query";
import { RefreshCw, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import type { ServerRow } from "./server-columns.tsx";

/** What can be done with the selected servers; it stays until the selection is cleared and says what came of it. */
export function ServersBulkBar({ servers, onClear }: { servers: readonly ServerRow[]; onClear: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [outcome, setOutcome] = useState<{ queued: number; refused: number } | null>(null);
  const converge = useMutation(trpc.servers.converge.mutationOptions());
  const refresh = useMutation(trpc.servers.refreshFacts.mutationOptions());
  if (servers.length === 0) return null;

  const runFor = async (run: (serverId: string) => Promise<unknown>, targets: readonly ServerRow[]) => {
    setOutcome(null);
    const results = await Promise.allSettled(targets.map((server) => run(server.id)));
    const refused = results.filter((result) => result.status === "rejected").length;
    setOutcome({ queued: results.length - refused, refused });
  };
  const installed = servers.filter((server) => server.appliedRevision > 0);
  const isBusy = converge.isPending || refresh.isPending;

  return (
    <section
      aria-label={t("table.selected", { count: servers.length })}
      className="fixed inset-x-2 bottom-4 z-20 mx-auto flex w-fit max-w-full animate-rise flex-wrap items-center gap-2 rounded-ui border border-line-strong bg-raised py-1.5 pr-1.5 pl-4 shadow-float"
    >
      <p className="figures pr-2 font-medium text-table" role="status">
        {outcome === null ? (
          t("table.selected", { count: servers.length })
        ) : (
          <Link href="/jobs" className="text-accent hover:underline">
            {t("servers.bulk.done", { count: outcome.queued })}
            {outcome.refused > 0 ? `, ${t("servers.bulk.failed", { count: outcome.refused })}` : ""}
          </Link>
        )}
      </p>
      <IfMay use="servers.converge">
        <Button
          size="small"
          disabled={installed.length === 0}
          isBusy={converge.isPending}
          onClick={() =>
            void runFor((serverId) => converge.mutateAsync({ serverId, revertsDrift: false }), installed)
          }
        >
          {t("servers.bulk.converge")}
        </Button>
      </IfMay>
      <IfMay use="servers.refreshFacts">
        <Button
          size="small"
          isBusy={isBusy && !converge.isPending}
          onClick={() => void runFor((serverId) => refresh.mutateAsync({ serverId }), servers)}
        >
          <RefreshCw aria-hidden="true" className="size-3.5" />
          {t("servers.bulk.facts")}
        </Button>
      </IfMay>
      <IconButton label={t("controls.clear")} size="small" onClick={onClear}>
        <X aria-hidden="true" className="size-4" />
      </IconButton>
    </section>
  );
}
