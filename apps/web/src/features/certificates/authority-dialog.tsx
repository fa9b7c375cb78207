"use client";
import { letsEncrypt } from "@mailstead/core/certificates";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select, SwitchField, TextArea } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Authority } from "./authority-panel.tsx";

export interface AuthorityDialogProps {
  authority: Authority;
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Chooses the certificate authority: one that we know by name, or one by its directory. */
export function AuthorityDialog({ authority, isOpen, onOpenChange }: AuthorityDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("authority.change-title")}
      description={t("authority.change-lead")}
    >
      <AuthorityForm authority={authority} onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

function AuthorityForm({ authority, onEnd }: { authority: Authority; onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isOwn, setOwn] = useState(authority.directoryUrl !== letsEncrypt.directoryUrl);
  const [isAutomatic, setAutomatic] = useState(authority.isAutomatic);
  const change = useMutation(
    trpc.certificates.changeAuthority.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.certificates.pathKey() });
        onEnd();
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const typed = (name: string) => String(form.get(name) ?? "").trim();
    const [keyId = "", key = ""] = isOwn ? [typed("eabKeyId"), typed("eabKey")] : [];
    change.mutate({
      directoryUrl: isOwn ? typed("directoryUrl") : letsEncrypt.directoryUrl,
      rootCertificates: isOwn ? typed("rootCertificates") : "",
      contact: typed("contact"),
      // A key without its id is refused with a sentence rather than left out.
      externalAccount: keyId === "" && key === "" ? null : { keyId, ...(key === "" ? {} : { key }) },
      isAutomatic,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field label={t("authority.name")}>
        <Select value={isOwn ? "own" : "known"} onChange={(event) => setOwn(event.target.value === "own")}>
          <option value="known">{letsEncrypt.name}</option>
          <option value="own">{t("authority.another")}</option>
        </Select>
      </Field>
      {isOwn ? <OwnAuthorityFields authority={authority} /> : null}
      <Field label={t("authority.contact")} hint={t("authority.contact-hint")}>
        <Input name="contact" type="email" defaultValue={authority.contact} />
      </Field>
      <SwitchField
        label={t("authority.automatic")}
        hint={t("authority.automatic-hint")}
        isOn={isAutomatic}
        onChange={setAutomatic}
      />
      <ProblemNote error={change.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={change.isPending}>
          {t("authority.save")}
        </Button>
      </DialogActions>
    </form>
  );
}

function OwnAuthorityFields({ authority }: { authority: Authority }) {
  const { t } = useWords();
  const isKnown = authority.directoryUrl === letsEncrypt.directoryUrl;
  const mono = "font-mono text-table";
  return (
    <>
      <Field label={t("authority.directory")} hint={t("authority.directory-hint")}>
        <Input
          name="directoryUrl"
          type="url"
          required
          spellCheck={false}
          defaultValue={isKnown ? "" : authority.directoryUrl}
          className={mono}
        />
      </Field>
      <Field label={t("authority.root")} hint={t("authority.root-hint")}>
        <TextArea
          name="rootCertificates"
          spellCheck={false}
          defaultValue={authority.rootCertificates ?? ""}
          className={mono}
        />
      </Field>
      <Field label={t("authority.eab-key-id")} hint={t("authority.eab-hint")}>
        <Input name="eabKeyId" spellCheck={false} defaultValue={authority.eabKeyId ?? ""} className={mono} />
      </Field>
      <Field
        label={t("authority.eab-key")}
        hint={t(authority.eabKeyId === null ? "authority.eab-key-hint" : "authority.eab-key-kept")}
      >
        <Input name="eabKey" type="password" autoComplete="new-password" className={mono} />
      </Field>
    </>
  );
}
