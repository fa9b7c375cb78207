"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Field, Input } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";

/** Below which name of the organisation's the DKIM names lie that domains hand over. */
export function DelegationZonePanel() {
  const { t } = useWords();
  const query = useQuery(useTRPC().dkimDelegation.zone.queryOptions());
  if (query.data === undefined) return <ProblemNote error={query.error} />;
  return (
    <Panel title={t("delegation.zone")} description={t("delegation.zone.lead")}>
      <ZoneForm key={query.data.zone} zone={query.data.zone ?? ""} reachable={query.data.reachable} />
    </Panel>
  );
}

function ZoneForm({ zone, reachable }: { zone: string; reachable: readonly string[] }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const may = useMay();
  const [typed, setTyped] = useState(zone);
  const save = useMutation(
    trpc.dkimDelegation.setZone.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.dkimDelegation.pathKey() }),
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save.mutate({ zone: typed.trim() === "" ? null : typed.trim() });
  };
  return (
    <form onSubmit={submit} className="grid gap-3">
      <Field
        label={t("delegation.zone.name")}
        hint={
          reachable.length === 0
            ? t("delegation.zone.none")
            : t("delegation.zone.hint", { zones: reachable.slice(0, 10).join(", ") })
        }
      >
        <Input
          className="max-w-96"
          value={typed}
          placeholder={reachable[0] === undefined ? "" : `dkim.${reachable[0]}`}
          readOnly={!may("admin")}
          onChange={({ target }) => setTyped(target.value)}
        />
      </Field>
      <ProblemNote error={save.error} />
      <ForRole needed="admin">
        <div>
          <Button type="submit" size="small" isBusy={save.isPending} disabled={typed.trim() === zone}>
            {t("delegation.zone.save")}
          </Button>
        </div>
      </ForRole>
    </form>
  );
}
