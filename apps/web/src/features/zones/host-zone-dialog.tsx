"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { allServersByName, ServerOptions } from "../servers/server-options.tsx";

export interface HostZoneDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** The zone's name, where it is known already. */
  name: string;
}

/** Picks two servers of one customer that answer for a zone. */
export function HostZoneDialog({ isOpen, onOpenChange, name }: HostZoneDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("host-zone.title")}
      description={t("host-zone.lead")}
    >
      <HostZoneForm name={name} onCancel={() => onOpenChange(false)} />
    </Dialog>
  );
}

function HostZoneForm({ name, onCancel }: { name: string; onCancel: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const servers = useQuery(trpc.servers.list.queryOptions(allServersByName));
  const [primaryId, setPrimaryId] = useState<string | null>(null);
  const create = useMutation(
    trpc.zones.create.mutationOptions({
      onSuccess: async ({ zoneId }) => {
        await queryClient.invalidateQueries({ queryKey: trpc.zones.pathKey() });
        router.push(`/zones/${zoneId}`);
      },
    }),
  );
  const installed = (servers.data?.servers ?? []).filter((server) => server.appliedRevision > 0);
  const others = (server: { id: string; tenantId: string }) =>
    installed.filter((one) => one.tenantId === server.tenantId && one.id !== server.id);
  const choices = installed.filter((server) => others(server).length > 0);
  const primary = choices.find((server) => server.id === primaryId) ?? choices[0];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (primary === undefined) return;
    const form = new FormData(event.currentTarget);
    const zone = String(form.get("name")).trim().replace(/\.$/, "").toLowerCase();
    create.mutate({
      tenantId: primary.tenantId,
      name: zone,
      primaryServerId: primary.id,
      secondaryServerId: String(form.get("secondary")),
      ...(form.get("names") === "inside"
        ? { nameServers: { primary: `ns1.${zone}`, secondary: `ns2.${zone}` } }
        : {}),
    });
  };
  if (servers.isSuccess && primary === undefined)
    return (
      <div className="grid gap-4">
        <p className="text-ink-2 text-table">{t("host-zone.no-servers")}</p>
        <DialogActions>
          <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        </DialogActions>
      </div>
    );
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("host-zone.name")} hint={t("host-zone.name-hint")}>
        <Input
          name="name"
          required
          autoFocus
          defaultValue={name}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <Field label={t("host-zone.primary")} hint={t("host-zone.primary-hint")}>
        <Select value={primary?.id ?? ""} onChange={(event) => setPrimaryId(event.target.value)}>
          <ServerOptions servers={choices} hasCustomers />
        </Select>
      </Field>
      <Field label={t("host-zone.secondary")} hint={t("host-zone.secondary-hint")}>
        <Select name="secondary" key={primary?.id} required>
          <ServerOptions servers={primary === undefined ? [] : others(primary)} />
        </Select>
      </Field>
      <Field label={t("host-zone.names")}>
        <Select name="names" defaultValue="server">
          <option value="server">{t("host-zone.names.server")}</option>
          <option value="inside">{t("host-zone.names.inside")}</option>
        </Select>
      </Field>
      <ProblemNote error={create.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={create.isPending} disabled={primary === undefined}>
          {t("host-zone.action")}
        </Button>
      </DialogActions>
    </form>
  );
}
