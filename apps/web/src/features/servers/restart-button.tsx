"use client";
import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ForRole } from "../access/role-provider.tsx";
import { type RestartableService, serviceName } from "./service-name.ts";

export interface RestartButtonProps {
  serverId: string;
  service: RestartableService;
  /** Says which service it restarts, where the line around it does not. */
  isNamed?: boolean;
}

/** Restarts a service after saying what that does to mail, and leads to the job. */
export function RestartButton({ serverId, service, isNamed = false }: RestartButtonProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [isAsked, setAsked] = useState(false);
  const restart = useMutation(
    trpc.servers.restartService.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const name = serviceName(service);
  const label = t("server.service.restart-named", { service: name });
  return (
    <ForRole needed="technician">
      <Button
        size="small"
        look={isNamed ? "secondary" : "quiet"}
        aria-label={label}
        onClick={() => setAsked(true)}
      >
        {isNamed ? label : t("server.service.restart")}
      </Button>
      <ConfirmDialog
        isOpen={isAsked}
        onOpenChange={setAsked}
        title={t("server.service.restart-title", { service: name })}
        consequence={<p>{t("server.service.restart-consequence")}</p>}
        actionLabel={t("server.service.restart")}
        isBusy={restart.isPending}
        error={restart.error}
        onConfirm={() => restart.mutate({ serverId, service })}
      />
    </ForRole>
  );
}
