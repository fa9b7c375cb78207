"use client";
import { useMutation } from "@tanstack/react-query";
import { Eye, MailCheck, RefreshCw, Route, ShieldOff, Wrench } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { traceHref } from "../trace/trace-query.ts";

export type ServerDetail = RouterOutputs["servers"]["get"];

/** What is seldom done with a server, and leads to a job each. */
export function ServerMenu({ server }: { server: ServerDetail }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const [isUnbanOpen, setUnbanOpen] = useState(false);
  const openJob = { onSuccess: ({ jobId }: { jobId: string }) => router.push(`/jobs/${jobId}`) };
  const converge = useMutation(trpc.servers.converge.mutationOptions(openJob));
  const preview = useMutation(trpc.servers.previewConverge.mutationOptions(openJob));
  const refresh = useMutation(trpc.servers.refreshFacts.mutationOptions(openJob));
  const checkMail = useMutation(trpc.servers.checkMail.mutationOptions(openJob));
  const may = useMay();
  const icon = "size-3.5 text-ink-3";
  return (
    <div className="grid gap-2">
      <MoreMenu
        label={t("controls.more")}
        look="secondary"
        className="justify-self-end"
        groups={[
          [
            may("servers.checkMail") && {
              label: t("server.check-mail"),
              icon: <MailCheck aria-hidden="true" className={icon} />,
              isDisabled: server.installRequestedAt === null,
              onSelect: () => checkMail.mutate({ serverId: server.id }),
            },
            may("servers.previewConverge") && {
              label: t("server.preview"),
              icon: <Eye aria-hidden="true" className={icon} />,
              isDisabled: server.installRequestedAt === null,
              onSelect: () => preview.mutate({ serverId: server.id }),
            },
            may("servers.converge") && {
              label: t("server.converge"),
              icon: <Wrench aria-hidden="true" className={icon} />,
              isDisabled: server.installRequestedAt === null,
              onSelect: () => converge.mutate({ serverId: server.id, revertsDrift: false }),
            },
            may("servers.refreshFacts") && {
              label: t("server.refresh"),
              icon: <RefreshCw aria-hidden="true" className={icon} />,
              isDisabled: server.enrolmentState !== "enrolled",
              onSelect: () => refresh.mutate({ serverId: server.id }),
            },
            may("servers.unban") && {
              label: t("server.unban"),
              icon: <ShieldOff aria-hidden="true" className={icon} />,
              isDisabled: server.installRequestedAt === null,
              onSelect: () => setUnbanOpen(true),
            },
            may("trace.start") && {
              label: t("trace.link"),
              icon: <Route aria-hidden="true" className={icon} />,
              onSelect: () => router.push(traceHref({ serverId: server.id })),
            },
          ],
        ]}
      />
      <ProblemNote error={preview.error ?? converge.error ?? refresh.error ?? checkMail.error} />
      <Dialog
        isOpen={isUnbanOpen}
        onOpenChange={setUnbanOpen}
        title={t("server.unban-title")}
        description={t("server.unban-lead")}
      >
        <UnbanForm serverId={server.id} onCancel={() => setUnbanOpen(false)} />
      </Dialog>
    </div>
  );
}

function UnbanForm({ serverId, onCancel }: { serverId: string; onCancel: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const unban = useMutation(
    trpc.servers.unban.mutationOptions({ onSuccess: ({ jobId }) => router.push(`/jobs/${jobId}`) }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    unban.mutate({ serverId, address: String(new FormData(event.currentTarget).get("address")).trim() });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("server.unban-address")} hint={t("server.unban-hint")}>
        <Input
          name="address"
          required
          autoComplete="off"
          spellCheck={false}
          className="font-mono text-table"
        />
      </Field>
      <ProblemNote error={unban.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={unban.isPending}>
          {t("server.unban-action")}
        </Button>
      </DialogActions>
    </form>
  );
}
