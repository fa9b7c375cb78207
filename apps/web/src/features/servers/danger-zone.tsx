"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useTickingNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import type { ServerDetail } from "./server-menu.tsx";

/** What cannot be taken back lightly: enrolling another host, and forgetting the server. */
export function DangerZone({ server }: { server: ServerDetail }) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const renew = useMutation(trpc.servers.renewEnrolment.mutationOptions());
  const remove = useMutation(
    trpc.servers.remove.mutationOptions({
      onSuccess: async () => {
        router.push("/servers");
        await queryClient.invalidateQueries({ queryKey: trpc.servers.list.pathKey() });
      },
    }),
  );
  const now = useTickingNow(renew.data !== undefined);
  const leftMs = (renew.data?.expiresAt.getTime() ?? 0) - now.getTime();
  return (
    <Panel title={t("server-settings.danger")} className="border-trouble/40">
      <div className="grid gap-4">
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
          <div className="grid max-w-lg gap-0.5">
            <h3 className="font-medium text-table">{t("server-settings.reenrol")}</h3>
            <p className="text-ink-3 text-meta">{t("server-settings.reenrol-hint")}</p>
          </div>
          <Button isBusy={renew.isPending} onClick={() => renew.mutate({ serverId: server.id })}>
            {t("add-server.renew")}
          </Button>
        </div>
        {renew.data === undefined || leftMs <= 0 ? null : (
          <div className="grid gap-1.5">
            <CopyBlock text={renew.data.command} what={t("add-server.the-command")} isCommand />
            <p className="figures text-ink-3 text-meta">
              {t("add-server.expires", { time: format.duration(leftMs) })}
            </p>
          </div>
        )}
        <ProblemNote error={renew.error} />
        <ForRole needed="admin">
          <hr className="border-line" />
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            <div className="grid max-w-lg gap-0.5">
              <h3 className="font-medium text-table">{t("server-settings.remove")}</h3>
              <p className="text-ink-3 text-meta">{t("server-settings.remove-hint")}</p>
            </div>
            <Button look="danger" onClick={() => setRemoving(true)}>
              {t("server-settings.remove")}
            </Button>
          </div>
        </ForRole>
      </div>
      <ConfirmDialog
        isOpen={isRemoving}
        onOpenChange={setRemoving}
        title={t("server-settings.remove-title", { name: server.name })}
        consequence={<p>{t("server-settings.remove-consequence")}</p>}
        actionLabel={t("server-settings.remove")}
        typedName={server.name}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ serverId: server.id })}
      />
    </Panel>
  );
}
