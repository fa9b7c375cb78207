"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Menu } from "../../components/menu.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole, useMay } from "../access/role-provider.tsx";
import { AddDomainServerDialog } from "./add-domain-server-dialog.tsx";
import { otherRoles, receives } from "./domain-roles.ts";

type Domain = RouterOutputs["domains"]["get"];
type DomainServer = Domain["servers"][number];

/** Which servers work for a domain and what each is for, with the ways to add one, change it and take it off. */
export function DomainServersPanel({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const [isAdding, setAdding] = useState(false);
  const { data: domain } = useQuery(useTRPC().domains.get.queryOptions({ domainId }));
  if (domain === undefined || domain.isWithoutMail) return null;
  return (
    <Panel
      title={t("domain-servers.title")}
      description={t("domain-servers.lead")}
      isFlush
      actions={
        <ForRole needed="technician">
          <Button size="small" look="secondary" onClick={() => setAdding(true)}>
            {t("domain-servers.add")}
          </Button>
        </ForRole>
      }
    >
      <ul>
        {domain.servers.map((server) => (
          <ServerRow key={server.id} domain={domain} server={server} />
        ))}
      </ul>
      <AddDomainServerDialog domain={domain} isOpen={isAdding} onOpenChange={setAdding} />
    </Panel>
  );
}

function ServerRow({ domain, server }: { domain: Domain; server: DomainServer }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const onSuccess = async () => {
    setRemoving(false);
    await queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
  };
  const may = useMay();
  const change = useMutation(trpc.domains.changeServer.mutationOptions({ onSuccess }));
  const remove = useMutation(trpc.domains.removeServer.mutationOptions({ onSuccess }));
  const keep = useMutation(trpc.domains.keepServer.mutationOptions({ onSuccess }));
  const ids = { domainId: domain.id, serverId: server.id };
  const isLeaving = server.leavesSince !== null;
  return (
    <li className="grid gap-2 border-line border-b px-4 py-2.5 last:border-b-0">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="grid min-w-0 gap-0.5">
          <span className="flex flex-wrap items-baseline gap-x-2 text-table">
            <Link href={`/servers/${server.id}`} className="font-medium text-accent hover:underline">
              {server.name}
            </Link>
            <span className="font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">{server.hostname}</span>
          </span>
          <span className="text-ink-2 text-table">{t(`domain-servers.role.${server.role}`)}</span>
        </span>
        {server.role === "home" || !may("technician") ? null : isLeaving ? (
          <Button size="small" look="secondary" isBusy={keep.isPending} onClick={() => keep.mutate(ids)}>
            {t("domain-servers.keep")}
          </Button>
        ) : (
          <Menu
            trigger={
              <IconButton label={t("domain-servers.change", { name: server.name })}>
                <Ellipsis aria-hidden="true" className="size-4" />
              </IconButton>
            }
            groups={[
              otherRoles(server.role).map((role) => ({
                label: t(`domain-servers.role.${role}`),
                onSelect: () => change.mutate({ ...ids, role }),
              })),
              [{ label: t("domain-servers.remove"), isDanger: true, onSelect: () => setRemoving(true) }],
            ]}
          />
        )}
      </div>
      {isLeaving ? (
        <p role="status" className="text-table">
          <LevelWord level="attention">{t("domain-servers.leaving")}</LevelWord>
        </p>
      ) : null}
      <ProblemNote error={change.error ?? keep.error} />
      <ConfirmDialog
        isOpen={isRemoving}
        onOpenChange={setRemoving}
        title={t("domain-servers.remove-title", { server: server.name, name: domain.name })}
        consequence={
          <p>
            {receives(server.role)
              ? t("domain-servers.remove-receiver", { server: server.name })
              : t("domain-servers.remove-sender")}
          </p>
        }
        actionLabel={t("domain-servers.remove")}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(ids)}
      />
    </li>
  );
}
