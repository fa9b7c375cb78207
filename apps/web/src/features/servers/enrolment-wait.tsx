"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useEffectEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { DialogActions } from "../../components/dialog.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useTickingNow } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { useFollow } from "../live/live-provider.tsx";
import { callsLoopback } from "./install-command.ts";

export type Enrolment = RouterOutputs["servers"]["add"];

interface EnrolmentWaitProps {
  first: Enrolment;
  name: string;
  /** Told once the host has called, and the command is past. */
  onOnline?: () => void;
  /** Absent where there is nothing to close. */
  onClose?: () => void;
}

/** The command with its countdown; it becomes the next step the moment the agent is connected. */
export function EnrolmentWait({ first, name, onOnline, onClose }: EnrolmentWaitProps) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [enrolment, setEnrolment] = useState(first);
  const server = useQuery(trpc.servers.get.queryOptions({ serverId: enrolment.serverId }));
  useFollow([{ kind: "server", id: enrolment.serverId }], () => void server.refetch());
  const renew = useMutation(trpc.servers.renewEnrolment.mutationOptions({ onSuccess: setEnrolment }));
  const isOnline = server.data?.isConnected === true && server.data.enrolmentState === "enrolled";
  const tellOnline = useEffectEvent(() => onOnline?.());
  useEffect(() => {
    if (isOnline) tellOnline();
  }, [isOnline]);
  const now = useTickingNow(!isOnline);
  const leftMs = enrolment.expiresAt.getTime() - now.getTime();

  if (isOnline) {
    return (
      <div className="grid gap-4">
        <div role="status" className="flex animate-rise items-start gap-3 rounded-ui bg-good-soft px-4 py-3">
          <CircleCheck aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-good" />
          <div className="grid gap-0.5">
            <p className="font-semibold text-body">{t("add-server.online", { name })}</p>
            <p className="text-ink-2 text-table">{t("add-server.online-lead")}</p>
          </div>
        </div>
        <DialogActions>
          {onClose === undefined ? null : <Button onClick={onClose}>{t("add-server.later")}</Button>}
          <Button
            look="primary"
            autoFocus
            onClick={() => router.push(`/servers/${enrolment.serverId}/install`)}
          >
            {t("add-server.open")}
          </Button>
        </DialogActions>
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      <ReleaseNote />
      {callsLoopback(enrolment.command) ? (
        <p className="rounded-ui bg-attention-soft px-3 py-2 text-table">{t("add-server.loopback")}</p>
      ) : null}
      <CopyBlock text={enrolment.command} what={t("add-server.the-command")} isCommand />
      {leftMs > 0 ? (
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 text-ink-2 text-table">
          <p role="status" className="flex items-center gap-2">
            <Spinner />
            {t("add-server.waiting")}
          </p>
          <p className="figures text-ink-3">{t("add-server.expires", { time: format.duration(leftMs) })}</p>
        </div>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-ui bg-attention-soft px-3 py-2 text-table">
          <p role="status">{t("add-server.expired")}</p>
          <IfMay use="servers.renewEnrolment">
            <Button
              size="small"
              isBusy={renew.isPending}
              onClick={() => renew.mutate({ serverId: enrolment.serverId })}
            >
              {t("add-server.renew")}
            </Button>
          </IfMay>
        </div>
      )}
      <ProblemNote error={renew.error} />
      {onClose === undefined ? null : (
        <DialogActions>
          <Button onClick={onClose}>{t("add-server.later")}</Button>
        </DialogActions>
      )}
    </div>
  );
}

const askAgainMs = 2000;

/** Says that the command would find no agent yet, for as long as that is so. */
function ReleaseNote() {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.servers.agentRelease.queryOptions(undefined, {
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data?.standing === "awaited" ? askAgainMs : false),
    }),
  );
  if (data === undefined || data.standing === "ready") return null;
  return (
    <p role="status" className="flex items-start gap-2.5 rounded-ui bg-attention-soft px-3 py-2 text-table">
      {data.standing === "awaited" ? (
        <>
          <span className="pt-0.5">
            <Spinner />
          </span>
          {t("add-server.agent-awaited")}
        </>
      ) : (
        t("add-server.agent-none")
      )}
    </p>
  );
}
