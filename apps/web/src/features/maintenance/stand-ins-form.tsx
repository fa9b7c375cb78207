"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

interface StandInsFormProps {
  serverId: string;
  standIns: RouterOutputs["maintenance"]["place"]["standIns"];
}

/** Names the group of servers that take over for this one. */
export function StandInsForm({ serverId, standIns: { groupName, others, groupNames } }: StandInsFormProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const known = useId();
  const set = useMutation(
    trpc.maintenance.setStandIns.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.maintenance.pathKey() }),
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("groupName") ?? "").trim();
    set.mutate({ serverId, groupName: name === "" ? null : name });
  };
  const hint =
    groupName === null
      ? t("maintenance.stand-ins-hint")
      : others.length === 0
        ? t("maintenance.stand-ins-alone")
        : t("maintenance.stand-ins-with", { names: others.map(({ name }) => name).join(", ") });
  return (
    <form onSubmit={submit} className="grid gap-2" autoComplete="off">
      <Field label={t("maintenance.stand-ins")} hint={hint}>
        <div className="flex items-start gap-2">
          <Input
            key={groupName}
            name="groupName"
            list={known}
            maxLength={60}
            defaultValue={groupName ?? ""}
            placeholder={t("maintenance.stand-ins-none")}
            className="min-w-0 max-w-72 flex-1"
          />
          <Button type="submit" isBusy={set.isPending}>
            {t("maintenance.save")}
          </Button>
        </div>
      </Field>
      <datalist id={known}>
        {groupNames.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <ProblemNote error={set.error} />
    </form>
  );
}
