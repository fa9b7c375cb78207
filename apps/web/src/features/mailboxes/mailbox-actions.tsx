"use client";
import { passwordProblem } from "@mailstead/core/access";
import { useMutation } from "@tanstack/react-query";
import { Ban, Hand, HardDrive, KeyRound, Route, Settings2, Trash2, Undo2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input } from "../../components/field.tsx";
import { MoreMenu } from "../../components/more-menu.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { traceHref } from "../trace/trace-query.ts";
import { ClientSettingsList } from "./client-settings-list.tsx";
import { generatePassword } from "./generate-password.ts";
import { PasswordField } from "./password-field.tsx";
import { parseQuota, quotaText } from "./quota.ts";
import { useMailboxCache } from "./use-mailbox-cache.ts";

export interface MailboxSubject {
  id: string;
  address: string;
  quotaBytes: number;
  isEnabled: boolean;
}

type Opened = "hold" | "settings" | "password" | "quota" | "disable" | "delete";

/** The menu of one mailbox with the dialogs that it opens. */
export function MailboxActions({ mailbox }: { mailbox: MailboxSubject }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const cache = useMailboxCache();
  const [opened, setOpened] = useState<Opened | null>(null);
  const close = () => setOpened(null);
  const onOpenChange = (isOpen: boolean) => isOpen || close();
  const done = {
    onSuccess: async () => {
      close();
      await cache.refresh();
    },
  };
  const setEnabled = useMutation(trpc.mailboxes.setEnabled.mutationOptions(done));
  const hold = useMutation(trpc.accounts.holdMailbox.mutationOptions({ onSuccess: close }));
  const remove = useMutation(trpc.mailboxes.remove.mutationOptions(done));
  const may = useMay();
  const icon = "size-3.5 text-ink-3";
  return (
    <>
      <MoreMenu
        label={t("mailboxes.actions-of", { address: mailbox.address })}
        size="small"
        groups={[
          [
            {
              label: t("mailbox.settings"),
              icon: <Settings2 aria-hidden="true" className={icon} />,
              onSelect: () => setOpened("settings"),
            },
            may("trace.start") && {
              label: t("trace.link-to"),
              icon: <Route aria-hidden="true" className={icon} />,
              onSelect: () => router.push(traceHref({ to: mailbox.address })),
            },
            may("mailboxes.setPassword") && {
              label: t("mailbox.set-password"),
              icon: <KeyRound aria-hidden="true" className={icon} />,
              onSelect: () => setOpened("password"),
            },
            may("mailboxes.setQuota") && {
              label: t("mailbox.set-quota"),
              icon: <HardDrive aria-hidden="true" className={icon} />,
              onSelect: () => setOpened("quota"),
            },
          ],
          [
            may("mailboxes.setEnabled") &&
              (mailbox.isEnabled
                ? {
                    label: t("mailbox.disable"),
                    icon: <Ban aria-hidden="true" className={icon} />,
                    onSelect: () => setOpened("disable"),
                  }
                : {
                    label: t("mailbox.enable"),
                    icon: <Undo2 aria-hidden="true" className={icon} />,
                    onSelect: () => setEnabled.mutate({ mailboxId: mailbox.id, isEnabled: true }),
                  }),
            may("accounts.holdMailbox") && {
              label: t("mailbox.hold"),
              icon: <Hand aria-hidden="true" className={icon} />,
              onSelect: () => setOpened("hold"),
            },
            may("mailboxes.remove") && {
              label: t("mailbox.delete"),
              icon: <Trash2 aria-hidden="true" className="size-3.5" />,
              isDanger: true,
              onSelect: () => setOpened("delete"),
            },
          ],
        ]}
      />
      <Dialog
        isOpen={opened === "settings"}
        onOpenChange={onOpenChange}
        title={t("mailbox.settings-title", { address: mailbox.address })}
        description={t("mailbox.settings-lead")}
      >
        <ClientSettingsList mailboxId={mailbox.id} />
      </Dialog>
      <Dialog
        isOpen={opened === "password"}
        onOpenChange={onOpenChange}
        title={t("mailbox.set-password-title", { address: mailbox.address })}
        description={t("mailbox.set-password-lead")}
      >
        <SetPasswordForm mailbox={mailbox} onClose={close} />
      </Dialog>
      <Dialog
        isOpen={opened === "quota"}
        onOpenChange={onOpenChange}
        title={t("mailbox.set-quota-title", { address: mailbox.address })}
      >
        <SetQuotaForm mailbox={mailbox} onClose={close} />
      </Dialog>
      <ConfirmDialog
        isOpen={opened === "disable"}
        onOpenChange={onOpenChange}
        title={t("mailbox.disable-title", { address: mailbox.address })}
        consequence={<p>{t("mailbox.disable-consequence")}</p>}
        actionLabel={t("mailbox.disable")}
        isBusy={setEnabled.isPending}
        error={setEnabled.error}
        onConfirm={() => setEnabled.mutate({ mailboxId: mailbox.id, isEnabled: false })}
      />
      <ConfirmDialog
        isOpen={opened === "hold"}
        onOpenChange={onOpenChange}
        title={t("mailbox.hold-title", { address: mailbox.address })}
        consequence={<p>{t("mailbox.hold-consequence")}</p>}
        actionLabel={t("mailbox.hold")}
        isBusy={hold.isPending}
        error={hold.error}
        onConfirm={() => hold.mutate({ mailboxId: mailbox.id })}
      />
      <ConfirmDialog
        isOpen={opened === "delete"}
        onOpenChange={onOpenChange}
        title={t("mailbox.delete-title", { address: mailbox.address })}
        consequence={<p>{t("mailbox.delete-consequence")}</p>}
        actionLabel={t("mailbox.delete")}
        typedName={mailbox.address}
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate({ mailboxId: mailbox.id })}
      />
    </>
  );
}

function SetPasswordForm({ mailbox, onClose }: { mailbox: MailboxSubject; onClose: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [password, setPassword] = useState(generatePassword);
  const [problem, setProblem] = useState<string | null>(null);
  const set = useMutation(trpc.mailboxes.setPassword.mutationOptions());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = passwordProblem(password, mailbox.address);
    setProblem(found);
    if (found === null) set.mutate({ mailboxId: mailbox.id, password });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <PasswordField value={password} onChange={setPassword} problem={problem} />
      {set.isSuccess ? (
        <p role="status" className="rounded-ui bg-good-soft px-3 py-2 text-table">
          {t("mailbox.password-set")}
        </p>
      ) : null}
      <ProblemNote error={set.error} />
      <DialogActions>
        <Button onClick={onClose}>{set.isSuccess ? t("controls.close") : t("controls.cancel")}</Button>
        {set.isSuccess ? null : (
          <Button type="submit" look="primary" isBusy={set.isPending}>
            {t("mailbox.set-password")}
          </Button>
        )}
      </DialogActions>
    </form>
  );
}

function SetQuotaForm({ mailbox, onClose }: { mailbox: MailboxSubject; onClose: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMailboxCache();
  const [typed, setTyped] = useState(quotaText(mailbox.quotaBytes));
  const quotaBytes = parseQuota(typed);
  const set = useMutation(
    trpc.mailboxes.setQuota.mutationOptions({
      onSuccess: async () => {
        onClose();
        await cache.refresh();
      },
    }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (quotaBytes !== null) set.mutate({ mailboxId: mailbox.id, quotaBytes });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={t("mailbox.quota")}
        hint={quotaBytes === null ? undefined : t("mailbox.quota-hint")}
        problem={quotaBytes === null ? t("mailbox.quota-hint") : null}
      >
        <Input
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          inputMode="decimal"
          required
          className="max-w-28"
        />
      </Field>
      <ProblemNote error={set.error} />
      <DialogActions>
        <Button onClick={onClose}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={set.isPending} disabled={quotaBytes === null}>
          {t("mailbox.set-quota")}
        </Button>
      </DialogActions>
    </form>
  );
}
