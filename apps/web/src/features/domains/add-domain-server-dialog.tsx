"use client";
import { helperRoles } from "@mailstead/core/domains";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

type Domain = RouterOutputs["domains"]["get"];

export interface AddDomainServerDialogProps {
  domain: Domain;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Picks another server of the same customer, and what it is to do for the domain. */
export function AddDomainServerDialog({ domain, isOpen, onOpenChange }: AddDomainServerDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("domain-servers.add-title", { name: domain.name })}
      description={t("domain-servers.add-lead")}
    >
      <AddForm domain={domain} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function AddForm({ domain, onDone }: { domain: Domain; onDone: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { tenantId } = domain;
  const servers = useQuery(
    trpc.servers.list.queryOptions({ sort: "name", isDescending: false, limit: 500, tenantId }),
  );
  const [serverId, setServerId] = useState<string | null>(null);
  const [role, setRole] = useState<(typeof helperRoles)[number]>("backup-mx");
  const add = useMutation(
    trpc.domains.addServer.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
        onDone();
      },
    }),
  );
  const choices = (servers.data?.servers ?? []).filter(({ id }) =>
    domain.servers.every((server) => server.id !== id),
  );
  const picked = choices.find(({ id }) => id === serverId) ?? choices[0];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (picked !== undefined) add.mutate({ domainId: domain.id, serverId: picked.id, role });
  };
  if (servers.isSuccess && picked === undefined)
    return (
      <div className="grid gap-4">
        <p className="text-ink-2 text-table">{t("domain-servers.none-left")}</p>
        <DialogActions>
          <Button onClick={onDone}>{t("controls.cancel")}</Button>
          <Button asChild look="primary">
            <Link href="/servers?add=1">{t("servers.add")}</Link>
          </Button>
        </DialogActions>
      </div>
    );
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("domain-servers.server")}>
        <Select value={picked?.id ?? ""} onChange={(event) => setServerId(event.target.value)}>
          {choices.map((server) => (
            <option key={server.id} value={server.id}>
              {server.name}
            </option>
          ))}
        </Select>
      </Field>
      <fieldset className="grid gap-2.5">
        <legend className="mb-1.5 font-medium text-ink text-table">{t("domain-servers.role")}</legend>
        {helperRoles.map((each) => (
          <label key={each} className="flex cursor-pointer items-start gap-2.5 text-table">
            <input
              type="radio"
              name="role"
              checked={role === each}
              onChange={() => setRole(each)}
              className="mt-0.5 size-4 shrink-0 accent-(--accent-fill)"
            />
            <span className="grid gap-0.5">
              <span className="font-medium">{t(`domain-servers.name.${each}`)}</span>
              <span className="text-ink-3 text-meta">{t(`domain-servers.hint.${each}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <ProblemNote error={add.error} />
      <DialogActions>
        <Button onClick={onDone}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending} disabled={picked === undefined}>
          {t("domain-servers.add")}
        </Button>
      </DialogActions>
    </form>
  );
}
