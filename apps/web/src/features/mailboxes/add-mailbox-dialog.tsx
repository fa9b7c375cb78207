"use client";
import { passwordProblem } from "@mailstead/core/access";
import { localPartProblem } from "@mailstead/core/mailboxes";
import { useMutation } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, InputWithSuffix } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ClientSettingsList } from "./client-settings-list.tsx";
import { generatePassword } from "./generate-password.ts";
import { PasswordField } from "./password-field.tsx";
import { problemSentence } from "./problem-sentence.ts";
import { parseQuota } from "./quota.ts";
import { useMailboxCache } from "./use-mailbox-cache.ts";

export interface AddMailboxDialogProps {
  domain: { id: string; name: string };
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

interface Created {
  mailboxId: string;
  address: string;
  password: string;
}

/** Makes a mailbox and then shows what its owner has to type into a mail program. */
export function AddMailboxDialog({ domain, isOpen, onOpenChange }: AddMailboxDialogProps) {
  const { t } = useWords();
  const [created, setCreated] = useState<Created | null>(null);
  const change = (next: boolean) => {
    onOpenChange(next);
    if (!next) setCreated(null);
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={change}
      title={
        created === null ? t("mailbox.add-title") : t("mailbox.created-title", { address: created.address })
      }
      {...(created === null ? {} : { description: t("mailbox.created-lead") })}
    >
      {created === null ? (
        <AddMailboxForm domain={domain} onCreated={setCreated} onCancel={() => change(false)} />
      ) : (
        <CreatedMailbox created={created} onAnother={() => setCreated(null)} onDone={() => change(false)} />
      )}
    </Dialog>
  );
}

interface AddMailboxFormProps {
  domain: { id: string; name: string };
  onCreated: (created: Created) => void;
  onCancel: () => void;
}

function AddMailboxForm({ domain, onCreated, onCancel }: AddMailboxFormProps) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useMailboxCache();
  const [password, setPassword] = useState(generatePassword);
  const [problems, setProblems] = useState<{
    localPart: string | null;
    quota: boolean;
    password: string | null;
  }>({
    localPart: null,
    quota: false,
    password: null,
  });
  const create = useMutation(trpc.mailboxes.create.mutationOptions({ onSuccess: () => cache.refresh() }));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const localPart = String(form.get("localPart")).trim().toLowerCase().replace(`@${domain.name}`, "");
    const quotaBytes = parseQuota(String(form.get("quota")));
    const found = {
      localPart: localPartProblem(localPart),
      quota: quotaBytes === null,
      password: passwordProblem(password, `${localPart}@${domain.name}`),
    };
    setProblems(found);
    if (found.localPart !== null || found.password !== null || quotaBytes === null) return;
    create.mutate(
      { domainId: domain.id, localPart, password, quotaBytes },
      { onSuccess: ({ mailboxId, address }) => onCreated({ mailboxId, address, password }) },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label={t("mailbox.address")} problem={problemSentence(problems.localPart)}>
        <InputWithSuffix
          name="localPart"
          suffix={`@${domain.name}`}
          required
          autoFocus
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      </Field>
      <PasswordField value={password} onChange={setPassword} problem={problems.password} />
      <Field
        label={t("mailbox.quota")}
        hint={problems.quota ? undefined : t("mailbox.quota-hint")}
        problem={problems.quota ? t("mailbox.quota-hint") : null}
      >
        <Input name="quota" inputMode="decimal" defaultValue="5" required className="max-w-28" />
      </Field>
      <ProblemNote error={create.error} />
      <DialogActions>
        <Button onClick={onCancel}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={create.isPending}>
          {t("mailbox.create")}
        </Button>
      </DialogActions>
    </form>
  );
}

function CreatedMailbox({
  created,
  onAnother,
  onDone,
}: {
  created: Created;
  onAnother: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  return (
    <div className="grid gap-4">
      <p role="status" className="sr-only">
        {t("mailbox.created-title", { address: created.address })}
      </p>
      <div className="grid gap-1.5">
        <p className="flex items-center gap-1.5 font-medium text-table">
          <CircleCheck aria-hidden="true" className="size-4 text-good" />
          {t("mailbox.password")}
        </p>
        <CopyBlock text={created.password} what={t("mailbox.the-password")} />
      </div>
      <ClientSettingsList mailboxId={created.mailboxId} />
      <DialogActions>
        <Button onClick={onAnother}>{t("mailbox.add-another")}</Button>
        <Button look="primary" onClick={onDone} autoFocus>
          {t("mailbox.done")}
        </Button>
      </DialogActions>
    </div>
  );
}
