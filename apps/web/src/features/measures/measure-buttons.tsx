"use client";
import type { ProviderId } from "@mailstead/core/delivery";
import { measureHours, type StartableKind } from "@mailstead/core/measures";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useMeasureCache } from "./use-measure-cache.ts";

const kinds = Object.keys(measureHours) as readonly StartableKind[];

export interface MeasureTarget {
  serverId: string;
  provider: ProviderId;
  title: string;
}

/** The measures that a server can take about a receiver, each behind a word on what it will change. */
export function MeasureButtons({ target }: { target: MeasureTarget }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.measures.list.queryOptions({ serverId: target.serverId }));
  const isInForce = (kind: StartableKind) =>
    data?.measures.some(
      (one) => one.kind === kind && one.provider === target.provider && one.endedAt === null,
    ) === true;
  return (
    <IfMay use="measures.start">
      <section className="grid content-start gap-2">
        <h3 className="font-medium text-ink-3 text-meta">{t("measures.help")}</h3>
        <div className="flex flex-wrap gap-2">
          {kinds.map((kind) => (
            <StartMeasureButton
              key={kind}
              kind={kind}
              target={target}
              isInForce={isInForce(kind)}
              isBlocked={kind === "relay" && data?.hasStandby === false}
            />
          ))}
        </div>
        <p className="text-ink-3 text-meta">{t("measures.help-note")}</p>
      </section>
    </IfMay>
  );
}

/** Starts one measure after saying what changes; also for a finding that names the measure which fits. */
export function StartMeasureButton({
  kind,
  target: { serverId, provider, title },
  isInForce = false,
  isBlocked = false,
  reason: proposed = "",
}: {
  kind: StartableKind;
  target: MeasureTarget;
  isInForce?: boolean;
  isBlocked?: boolean;
  /** What led to it, where something did. */
  reason?: string;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMeasureCache();
  const [isAsked, setAsked] = useState(false);
  const [reason, setReason] = useState(proposed);
  const start = useMutation(
    trpc.measures.start.mutationOptions({
      onSuccess: async () => {
        await cache.refresh();
        setAsked(false);
      },
    }),
  );
  const label = t(`measures.kind.${kind}`);
  return (
    <>
      <Button size="small" disabled={isInForce} onClick={() => setAsked(true)}>
        {isInForce ? `${label}: ${t("measures.in-force")}` : label}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("measures.start-title", { kind: label, provider: title })}
        consequence={
          <>
            <p>{t(`measures.does.${kind}`, { provider: title })}</p>
            <p>
              {isBlocked
                ? t("measures.needs-standby")
                : t("measures.ends-after", { hours: measureHours[kind] })}
            </p>
            <Field label={t("measures.reason")} hint={t("measures.reason-hint")}>
              <Input
                value={reason}
                onChange={(event) => setReason(event.target.value)}
                maxLength={200}
                required
                className="text-table"
              />
            </Field>
          </>
        }
        actionLabel={t("measures.start")}
        isHarmless
        isBlocked={isBlocked || reason.trim() === ""}
        isBusy={start.isPending}
        error={start.error}
        onConfirm={() => start.mutate({ serverIds: [serverId], kind, provider, reason: reason.trim() })}
      />
    </>
  );
}
