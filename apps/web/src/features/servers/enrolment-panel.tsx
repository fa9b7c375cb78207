"use client";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { EnrolmentWait } from "./enrolment-wait.tsx";
import type { ServerDetail } from "./server-menu.tsx";

/** What a server shows whose host has not called yet: the way to its command. */
export function EnrolmentPanel({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const renew = useMutation(trpc.servers.renewEnrolment.mutationOptions());
  return (
    <Panel
      {...(renew.data === undefined
        ? { title: t("status.awaiting-agent") }
        : {
            title: t("add-server.command-title", { name: server.name }),
            description: t("add-server.command-lead"),
          })}
    >
      {renew.data === undefined ? (
        <div className="grid justify-items-start gap-3">
          <p className="max-w-prose text-ink-2 text-table">{t("server.awaiting")}</p>
          <ProblemNote error={renew.error} />
          <IfMay use="servers.renewEnrolment">
            <Button
              look="primary"
              isBusy={renew.isPending}
              onClick={() => renew.mutate({ serverId: server.id })}
            >
              {t("add-server.renew")}
            </Button>
          </IfMay>
        </div>
      ) : (
        <EnrolmentWait key={renew.data.token} first={renew.data} name={server.name} />
      )}
    </Panel>
  );
}
