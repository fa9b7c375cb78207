"use client";
import { useMutation } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button, IconButton } from "../../components/button.tsx";
import { Field, Input, TextArea } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SaveBar } from "./saved-note.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { linesOf } from "./text-lines.ts";
import { useServerCache } from "./use-server-cache.ts";

interface RspamdFile {
  id: number;
  name: string;
  text: string;
}

/** The operator's own lines, which survive every converge. */
export function OverridesPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const { overrides } = settings;
  const [files, setFiles] = useState<readonly RspamdFile[]>(() =>
    Object.entries(overrides.rspamd).map(([name, text], id) => ({ id, name, text })),
  );
  const save = useMutation(
    trpc.servers.changeOverrides.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const change = (id: number, values: Partial<RspamdFile>) =>
    setFiles(files.map((file) => (file.id === id ? { ...file, ...values } : file)));
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "").replaceAll("\r\n", "\n");
    save.mutate({
      serverId,
      overrides: {
        postfixMain: linesOf(text("postfix")),
        dovecot: text("dovecot"),
        rspamd: Object.fromEntries(
          files.filter((file) => file.name.trim() !== "").map((file) => [file.name.trim(), file.text]),
        ),
        sieveBefore: text("sieve"),
      },
    });
  };
  const code = { spellCheck: false, autoCapitalize: "none", className: "font-mono text-table" } as const;
  return (
    <Panel
      id="overrides"
      title={t("server-settings.overrides")}
      description={t("server-settings.overrides-note")}
    >
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t("server-settings.postfix")} hint={t("server-settings.postfix-hint")}>
          <TextArea
            name="postfix"
            rows={4}
            defaultValue={overrides.postfixMain.join("\n")}
            placeholder="smtpd_banner = $myhostname ESMTP"
            {...code}
          />
        </Field>
        <Field label={t("server-settings.dovecot")} hint={t("server-settings.dovecot-hint")}>
          <TextArea name="dovecot" rows={4} defaultValue={overrides.dovecot} {...code} />
        </Field>
        <fieldset className="grid gap-3">
          <legend className="pb-1.5 font-medium text-table">{t("server-settings.rspamd")}</legend>
          {files.map((file) => (
            <div key={file.id} className="grid gap-3 rounded-ui border border-line p-3">
              <div className="flex items-end gap-2">
                <Field
                  label={t("server-settings.rspamd-file")}
                  hint={t("server-settings.rspamd-file-hint")}
                  className="flex-1"
                >
                  <Input
                    value={file.name}
                    onChange={(event) => change(file.id, { name: event.target.value })}
                    required
                    pattern="(local|override)\.d/[a-z0-9_\-]+\.(conf|inc|map)"
                    {...code}
                  />
                </Field>
                <IconButton
                  label={t("controls.remove")}
                  look="quiet-danger"
                  onClick={() => setFiles(files.filter((each) => each.id !== file.id))}
                  className="mb-6"
                >
                  <Trash2 aria-hidden="true" className="size-4" />
                </IconButton>
              </div>
              <Field label={t("server-settings.rspamd-text")}>
                <TextArea
                  value={file.text}
                  onChange={(event) => change(file.id, { text: event.target.value })}
                  rows={4}
                  {...code}
                />
              </Field>
            </div>
          ))}
          <Button
            size="small"
            className="justify-self-start"
            onClick={() =>
              setFiles([
                ...files,
                { id: Math.max(0, ...files.map((file) => file.id)) + 1, name: "", text: "" },
              ])
            }
          >
            <Plus aria-hidden="true" className="size-3.5" />
            {t("server-settings.rspamd-add")}
          </Button>
        </fieldset>
        <Field label={t("server-settings.sieve")}>
          <TextArea name="sieve" rows={4} defaultValue={overrides.sieveBefore} {...code} />
        </Field>
        <SaveBar save={save} needed="admin" />
      </form>
    </Panel>
  );
}
