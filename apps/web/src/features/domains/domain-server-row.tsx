"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { LevelWord } from "../../components/level.tsx";
import { Menu } from "../../components/menu.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { duties, otherRoles, receives } from "./domain-roles.ts";
import { RemoveDomainServerDialog } from "./remove-domain-server-dialog.tsx";

type Domain = RouterOutputs["domains"]["get"];
type DomainServer = Domain["servers"][number];

/** A server of a domain: its name, its role, and what can be done about that. */
export function DomainServerRow({ domain, server }: { domain: Domain; server: DomainServer }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const may = useMay();
  const [isRemoving, setRemoving] = useState(false);
  const onSuccess = () => queryClient.invalidateQueries({ queryKey: trpc.domains.pathKey() });
  const change = useMutation(trpc.domains.changeServer.mutationOptions({ onSuccess }));
  const keep = useMutation(trpc.domains.keepServer.mutationOptions({ onSuccess }));
  const ids = { domainId: domain.id, serverId: server.id };
  return (
    <li className="grid gap-2 border-line border-b px-4 py-2.5 last:border-b-0">
      <div className="flex min-h-8 items-center gap-x-4">
        <div className="grid min-w-0 flex-1 gap-x-6 gap-y-1.5 text-table leading-tight sm:grid-cols-2">
          <span className="grid min-w-0 gap-0.5">
            <Link
              href={`/servers/${server.id}`}
              className="w-fit font-medium text-accent [overflow-wrap:anywhere] hover:underline"
            >
              {server.name}
            </Link>
            <span className="font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">{server.hostname}</span>
          </span>
          <span className="grid min-w-0 content-start gap-0.5">
            <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <span className="font-medium">{t(`domain-servers.name.${server.role}`)}</span>
              {server.leavesSince === null ? null : (
                <LevelWord level="attention">{t("domain-servers.leaving")}</LevelWord>
              )}
            </span>
            <Duty domain={domain} server={server} />
          </span>
        </div>
        {server.role === "home" || !may("technician") ? (
          <span className="size-8 shrink-0 max-sm:hidden" />
        ) : server.leavesSince !== null ? (
          <Button
            size="small"
            look="secondary"
            aria-label={t("domain-servers.keep-named", { name: server.name })}
            isBusy={keep.isPending}
            onClick={() => keep.mutate(ids)}
          >
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
                label: t("domain-servers.become", { role: t(`domain-servers.name.${role}`) }),
                onSelect: () => change.mutate({ ...ids, role }),
              })),
              [{ label: t("domain-servers.remove"), isDanger: true, onSelect: () => setRemoving(true) }],
            ]}
          />
        )}
      </div>
      <ProblemNote error={change.error ?? keep.error} />
      <RemoveDomainServerDialog
        domain={domain}
        server={server}
        isOpen={isRemoving}
        onOpenChange={setRemoving}
      />
    </li>
  );
}

function Duty({ domain, server }: { domain: Domain; server: DomainServer }) {
  const { t } = useWords();
  const duty = duties(domain.servers).get(server.id);
  const words =
    server.leavesSince !== null
      ? t(receives(server.role) ? "domain-servers.leaving-receiver" : "domain-servers.leaving-sender")
      : duty === undefined
        ? null
        : duty.kind === "outbound-next"
          ? t("domain-servers.does.outbound-next", { first: duty.first })
          : t(`domain-servers.does.${duty.kind}`);
  return <span className="text-ink-3 text-meta">{words}</span>;
}
