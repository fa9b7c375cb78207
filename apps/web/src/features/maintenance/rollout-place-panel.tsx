"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, SwitchField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { StandInsForm } from "./stand-ins-form.tsx";
import { useExclusionText } from "./use-exclusion-text.ts";

/** Whether a server proves changes before others, or is left out of them. */
export function RolloutPlacePanel({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const exclusionText = useExclusionText();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isExcluding, setExcluding] = useState(false);
  const query = useQuery(trpc.maintenance.place.queryOptions({ serverId }));
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() }) };
  const first = useMutation(trpc.maintenance.setGoesFirst.mutationOptions(again));
  const include = useMutation(trpc.maintenance.include.mutationOptions(again));
  if (query.data === undefined) return null;
  const { goesFirst, exclusion, standIns } = query.data;
  return (
    <Panel title={t("maintenance.place")} description={t("maintenance.place-lead")}>
      <div className="grid gap-4">
        <IfMay use="maintenance.setGoesFirst">
          <SwitchField
            label={t("maintenance.goes-first")}
            hint={t("maintenance.goes-first-hint")}
            isOn={goesFirst}
            disabled={first.isPending}
            onChange={(isOn) => first.mutate({ serverId, goesFirst: isOn })}
          />
        </IfMay>
        <IfMay use="maintenance.setStandIns">
          <StandInsForm serverId={serverId} standIns={standIns} />
        </IfMay>
        {exclusion === null ? (
          <IfMay use="maintenance.exclude">
            <Button size="small" className="w-fit" onClick={() => setExcluding(true)}>
              {t("maintenance.exclude")}
            </Button>
            <ExcludeDialog serverId={serverId} isOpen={isExcluding} onOpenChange={setExcluding} />
          </IfMay>
        ) : (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-table">
            <p className="min-w-0 flex-[1_1_16rem]">
              <span className="font-medium">{t("maintenance.left-out")}</span> {exclusionText(exclusion)}
            </p>
            <IfMay use="maintenance.include">
              <Button size="small" isBusy={include.isPending} onClick={() => include.mutate({ serverId })}>
                {t("maintenance.include")}
              </Button>
            </IfMay>
          </div>
        )}
        <ProblemNote error={first.error ?? include.error} />
      </div>
    </Panel>
  );
}

function ExcludeDialog({
  serverId,
  isOpen,
  onOpenChange,
}: {
  serverId: string;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const exclude = useMutation(
    trpc.maintenance.exclude.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() });
        onOpenChange(false);
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const day = String(form.get("endsOn") ?? "");
    exclude.mutate({
      serverId,
      reason: String(form.get("reason")),
      endsAt: day === "" ? null : new Date(`${day}T00:00:00`),
    });
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("maintenance.exclude")}
      description={t("maintenance.exclude-lead")}
    >
      <form onSubmit={submit} className="grid gap-4" autoComplete="off">
        <Field label={t("maintenance.reason")}>
          <Input name="reason" required maxLength={300} />
        </Field>
        <Field label={t("maintenance.exclude-until")} hint={t("maintenance.exclude-until-hint")}>
          <Input name="endsOn" type="date" />
        </Field>
        <ProblemNote error={exclude.error} />
        <DialogActions>
          <Button onClick={() => onOpenChange(false)}>{t("controls.cancel")}</Button>
          <Button type="submit" look="primary" isBusy={exclude.isPending}>
            {t("maintenance.exclude")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
