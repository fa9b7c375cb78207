"use client";
import type { ProviderId } from "@mailstead/core/delivery";
import { measureHours, type StartableKind } from "@mailstead/core/measures";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMeasureCache } from "./use-measure-cache.ts";

/** Starts one measure, on one server or on many at once, after saying what changes and on how many. */
export function StartMeasureButton({
  kind,
  target: { serverIds, provider, title },
  isInForce = false,
  isBlocked = false,
  reason: proposed = "",
}: {
  kind: StartableKind;
  target: { serverIds: readonly string[]; provider: ProviderId; title: string };
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
            {serverIds.length > 1 ? <p>{t("measures.on-servers", { count: serverIds.length })}</p> : null}
            <p>
              {isBlocked
                ? t("measures.needs-standby")
                : t(kind === "back-off" ? "measures.ends-when-accepted" : "measures.ends-after", {
                    hours: measureHours[kind],
                  })}
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
        onConfirm={() => start.mutate({ serverIds: [...serverIds], kind, provider, reason: reason.trim() })}
      />
    </>
  );
}
