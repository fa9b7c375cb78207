"use client";
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

/** Puts a domain without mail on a server of its customer. */
export function StartMailDialog({
  domain,
  isOpen,
  onOpenChange,
}: {
  domain: Domain;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("start-mail.title", { name: domain.unicodeName })}
      description={t("start-mail.lead")}
    >
      <StartForm domain={domain} onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}

function StartForm({ domain, onDone }: { domain: Domain; onDone: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const { id: domainId, tenantId } = domain;
  const servers = useQuery(
    trpc.servers.list.queryOptions({ sort: "name", isDescending: false, limit: 500, tenantId }),
  );
  const [serverId, setServerId] = useState<string | null>(null);
  const start = useMutation(
    trpc.domains.startMail.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
        onDone();
      },
    }),
  );
  const choices = servers.data?.servers ?? [];
  const picked =
    choices.find(({ id }) => id === serverId) ??
    choices.find(({ appliedRevision }) => appliedRevision > 0) ??
    choices[0];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (picked !== undefined) start.mutate({ domainId, serverId: picked.id });
  };
  const hasNone = servers.isSuccess && picked === undefined;
  return (
    <form onSubmit={submit} className="grid gap-4">
      {hasNone ? (
        <p className="text-ink-2 text-table">{t("start-mail.none")}</p>
      ) : (
        <Field label={t("start-mail.server")}>
          <Select value={picked?.id ?? ""} onChange={(event) => setServerId(event.target.value)}>
            {choices.map((server) => (
              <option key={server.id} value={server.id}>
                {server.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <ProblemNote error={start.error ?? servers.error} />
      <DialogActions>
        <Button onClick={onDone}>{t("controls.cancel")}</Button>
        {hasNone ? (
          <Button asChild look="primary">
            <Link href="/servers?add=1">{t("servers.add")}</Link>
          </Button>
        ) : (
          <Button type="submit" look="primary" isBusy={start.isPending} disabled={picked === undefined}>
            {t("start-mail.action")}
          </Button>
        )}
      </DialogActions>
    </form>
  );
}
