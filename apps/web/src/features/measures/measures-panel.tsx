"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Panel } from "../../components/panel.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useMeasureCache } from "./use-measure-cache.ts";

type Measure = RouterOutputs["measures"]["list"]["measures"][number];

/** What a server does for a time about its receivers, and what it did of late. */
export function MeasuresPanel({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.measures.list.queryOptions({ serverId }));
  if (data === undefined) return null;
  return (
    <Panel id="measures" title={t("measures.title")} description={t("measures.lead")} isFlush>
      {data.measures.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("measures.none")}</p>
      ) : (
        <ul>
          {data.measures.map((measure) => (
            <MeasureLine key={measure.id} measure={measure} others={othersInForce(data.measures, measure)} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What goes on about the same receiver when one measure ends. */
export function othersInForce(all: readonly Measure[], { id, provider }: Measure): readonly Measure[] {
  return all.filter((other) => other.id !== id && other.provider === provider && other.endBecause === null);
}

function MeasureLine({ measure, others }: { measure: Measure; others: readonly Measure[] }) {
  const { t } = useWords();
  const { kind, title: provider, limits, isAutomatic, isProlonged, startedBy, reason, endBecause } = measure;
  return (
    <li className="flex items-start gap-4 border-line border-b px-4 py-2.5 text-table last:border-b-0">
      <div className="grid min-w-0 flex-1 gap-0.5">
        <p className={endBecause === null ? "font-medium" : "text-ink-3"}>
          {t("measures.about", { kind: t(`measures.kind.${kind}`), provider })}
        </p>
        {limits === null || endBecause !== null ? null : <p className="text-ink-2">{paceOf(t, limits)}</p>}
        <p className="text-ink-3 text-meta [overflow-wrap:anywhere]">
          {isAutomatic ? t("measures.automatic") : t("measures.started", { who: startedBy })} {reason}
        </p>
        <p className="text-ink-3 text-meta">
          {endBecause === null ? (
            <>
              {t("measures.until")} <Ago at={measure.endsAt} />.
            </>
          ) : (
            `${t(`measures.ended.${endBecause}`)}.`
          )}
          {isProlonged ? ` ${t("measures.prolonged")}` : null}
        </p>
      </div>
      {endBecause === null ? <EndMeasureButton measure={measure} others={others} /> : null}
    </li>
  );
}

function paceOf(t: ReturnType<typeof useWords>["t"], limits: NonNullable<Measure["limits"]>): string {
  const { connectionsMax: connections, secondsBetweenMessages: seconds } = limits;
  if (connections === 0) return t("measures.holds");
  return seconds === 0
    ? t("measures.connections", { count: connections })
    : t("measures.pace", { connections, seconds });
}

/** Ends a measure at once, after saying what then goes on. */
export function EndMeasureButton({
  measure: { id, kind, title: provider },
  others,
}: {
  measure: Measure;
  others: readonly Measure[];
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMeasureCache();
  const [isAsked, setAsked] = useState(false);
  const end = useMutation(
    trpc.measures.end.mutationOptions({
      onSuccess: async () => {
        await cache.refresh();
        setAsked(false);
      },
    }),
  );
  const names = { kind: t(`measures.kind.${kind}`), provider };
  return (
    <IfMay use="measures.end">
      <Button
        size="small"
        look="quiet"
        aria-label={t("measures.end-named", names)}
        onClick={() => setAsked(true)}
      >
        {t("measures.end")}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("measures.end-title", names)}
        consequence={
          <p>
            {others.length === 0
              ? t("measures.end-consequence", { provider })
              : t("measures.end-while-others", {
                  others: others.map((other) => t(`measures.kind.${other.kind}`)).join(", "),
                  provider,
                })}
          </p>
        }
        actionLabel={t("measures.end")}
        isHarmless
        isBusy={end.isPending}
        error={end.error}
        onConfirm={() => end.mutate({ measureId: id })}
      />
    </IfMay>
  );
}
