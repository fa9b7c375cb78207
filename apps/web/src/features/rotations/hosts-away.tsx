"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { LevelSentence } from "../../components/level.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import type { RotationView } from "./rotation-panel.tsx";

type Host = RotationView["hostsAway"][number];

/** Hosts that hold keys of a domain and are offline, of which a person may say that they are lost for good. */
export function HostsAway({
  domainId,
  domainName,
  hosts,
  onChange,
}: {
  domainId: string;
  domainName: string;
  hosts: readonly Host[];
  onChange: () => Promise<void>;
}) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [lost, setLost] = useState<Host | null>(null);
  const giveUp = useMutation(
    trpc.rotations.giveUpHost.mutationOptions({
      onSuccess: async () => {
        setLost(null);
        await onChange();
      },
    }),
  );
  return (
    <>
      <ul className="grid gap-2 border-line border-t px-4 py-3.5 text-table">
        {hosts.map((host) => (
          <li key={host.id} className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
            <LevelSentence level="attention">{t("rotation.away", { name: host.name })}</LevelSentence>
            <ForRole needed="technician">
              <Button size="small" onClick={() => setLost(host)}>
                {t("rotation.lost")}
              </Button>
            </ForRole>
          </li>
        ))}
      </ul>
      {lost === null ? null : (
        <ConfirmDialog
          isOpen
          onOpenChange={() => setLost(null)}
          title={t("rotation.lost.title", { name: lost.name })}
          consequence={
            <>
              <p>{t("rotation.lost.consequence", { domain: domainName })}</p>
              <p>{t("rotation.lost.cost")}</p>
            </>
          }
          actionLabel={t("rotation.lost.action")}
          typedName={lost.name}
          isBusy={giveUp.isPending}
          error={giveUp.error}
          onConfirm={() => giveUp.mutate({ domainId, serverId: lost.id })}
        />
      )}
    </>
  );
}
