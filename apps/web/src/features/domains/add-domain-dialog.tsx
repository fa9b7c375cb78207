"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";

export interface AddDomainDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Puts a domain on a server; its customer is the server's. */
export function AddDomainDialog({ isOpen, onOpenChange }: AddDomainDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("add-domain.title")}
      description={t("add-domain.lead")}
    >
      <AddDomainForm onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function AddDomainForm({ onCancel }: { onCancel: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const servers = useQuery(trpc.servers.list.queryOptions({ sort: "name", isDescending: false, limit: 500 }));
  const [serverId, setServerId] = useState<string | null>(null);
  const add = useMutation(
    trpc.domains.add.mutationOptions({
      onSuccess: async ({ domainId }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
        router.push(`/domains/${domainId}`);
      },
    }),
  );
  const choices = servers.data?.servers ?? [];
  const picked =
    choices.find((server) => server.id === serverId) ??
    choices.find((server) => server.appliedRevision > 0) ??
    choices[0];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (picked === undefined) return;
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    add.mutate({ tenantId: picked.tenantId, serverId: picked.id, name });
  };
  if (servers.isSuccess && choices.length === 0) {
    return (
      <div className="grid gap-4">
        <p className="text-ink-2 text-table">{t("add-domain.no-server")}</p>
        <DialogActions>
          <Button onClick={onCancel}>{t("controls.cancel")}</Button>
          <Button asChild look="primary">
            <Link href="/servers?add=1">{t("servers.add")}</Link>
          </Button>
        </DialogActions>
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("add-domain.name")} hint={t("add-domain.name-hint")}>
        <Input
          name="name"
          required
          autoFocus
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <Field label={t("add-domain.server")}>
        <Select value={picked?.id ?? ""} onChange={(event) => setServerId(event.target.value)}>
          {choices.map((server) => (
            <option key={server.id} value={server.id}>
              {`${server.name} (${server.tenantName})`}
            </option>
          ))}
        </Select>
      </Field>
      <ProblemNote error={add.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={add.isPending} disabled={picked === undefined}>
          {t("add-domain.action")}
        </Button>
      </DialogActions>
    </form>
  );
}
