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

/** Puts a domain on a server, whose customer it then is of, or takes in one that has no mail. */
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

/** Stands for a choice among the servers: none of them, for a domain without mail. */
const noServer = "none";

function AddDomainForm({ onCancel }: { onCancel: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const servers = useQuery(trpc.servers.list.queryOptions({ sort: "name", isDescending: false, limit: 500 }));
  const [serverId, setServerId] = useState<string | null>(null);
  const [tenantId, setTenantId] = useState<string | null>(null);
  const [delegatesKeys, setDelegatesKeys] = useState(false);
  const delegation = useQuery(trpc.dkimDelegation.zone.queryOptions());
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const onSuccess = async ({ domainId }: { domainId: string }) => {
    await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
    router.push(`/domains/${domainId}`);
  };
  const addToServer = useMutation(trpc.domains.add.mutationOptions({ onSuccess }));
  const addWithoutMail = useMutation(trpc.domains.addWithoutMail.mutationOptions({ onSuccess }));
  const choices = servers.data?.servers ?? [];
  const picked =
    choices.find((server) => server.id === serverId) ??
    choices.find((server) => server.appliedRevision > 0) ??
    choices[0];
  const isWithoutMail = serverId === noServer || (servers.isSuccess && choices.length === 0);
  const owners = tenants.data ?? [];
  const owner = owners.find(({ id }) => id === tenantId) ?? owners[0];
  const add = isWithoutMail ? addWithoutMail : addToServer;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    if (isWithoutMail) {
      if (owner !== undefined) addWithoutMail.mutate({ tenantId: owner.id, name });
    } else if (picked !== undefined)
      addToServer.mutate({ tenantId: picked.tenantId, serverId: picked.id, name, delegatesKeys });
  };
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
      <Field
        label={t("add-domain.server")}
        hint={
          servers.isSuccess && choices.length === 0 ? (
            <>
              {t("add-domain.no-server")}{" "}
              <Link href="/servers?add=1" className="text-accent hover:underline">
                {t("servers.add")}
              </Link>
            </>
          ) : isWithoutMail ? (
            t("add-domain.without-mail-hint")
          ) : undefined
        }
      >
        <Select
          value={isWithoutMail ? noServer : (picked?.id ?? "")}
          onChange={(event) => setServerId(event.target.value)}
        >
          {choices.map((server) => (
            <option key={server.id} value={server.id}>
              {`${server.name} (${server.tenantName})`}
            </option>
          ))}
          <option value={noServer}>{t("add-domain.without-mail")}</option>
        </Select>
      </Field>
      {isWithoutMail ? (
        <Field label={t("add-domain.customer")}>
          <Select value={owner?.id ?? ""} onChange={(event) => setTenantId(event.target.value)}>
            {owners.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </Field>
      ) : null}
      {isWithoutMail || (delegation.data?.zone ?? null) === null ? null : (
        <Field
          label={t("delegation.begin")}
          hint={t(`delegation.begin.${delegatesKeys ? "aliases" : "own"}.hint`)}
        >
          <Select
            value={delegatesKeys ? "aliases" : "own"}
            onChange={({ target }) => setDelegatesKeys(target.value === "aliases")}
          >
            <option value="own">{t("delegation.begin.own")}</option>
            <option value="aliases">{t("delegation.begin.aliases")}</option>
          </Select>
        </Field>
      )}
      <ProblemNote error={add.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button
          type="submit"
          look="primary"
          isBusy={add.isPending}
          disabled={(isWithoutMail ? owner : picked) === undefined}
        >
          {t("add-domain.action")}
        </Button>
      </DialogActions>
    </form>
  );
}
