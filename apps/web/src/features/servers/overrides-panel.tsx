"use client";
import { useMutation } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, TextArea } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { AddDraftButton, RemoveDraftButton } from "./draft-buttons.tsx";
import { SaveForm } from "./save-form.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { linesOf } from "./text-lines.ts";
import { useDrafts } from "./use-drafts.ts";
import { useServerCache } from "./use-server-cache.ts";

/** The operator's own lines, which survive every converge. */
export function OverridesPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const may = useMay();
  const trpc = useTRPC();
  const cache = useServerCache();
  const { overrides } = settings;
  const files = useDrafts(() => Object.entries(overrides.rspamd).map(([name, text]) => ({ name, text })));
  const save = useMutation(
    trpc.servers.changeOverrides.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const keep = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? "").replaceAll("\r\n", "\n");
    save.mutate({
      serverId,
      overrides: {
        postfixMain: linesOf(text("postfix")),
        dovecot: text("dovecot"),
        rspamd: Object.fromEntries(
          files.drafts.filter((file) => file.name.trim() !== "").map((file) => [file.name.trim(), file.text]),
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
      <SaveForm use="servers.changeOverrides" save={save} onSave={keep}>
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
        {files.drafts.length === 0 && !may("servers.changeOverrides") ? null : (
          <fieldset className="grid gap-3">
            <legend className="pb-1.5 font-medium text-table">{t("server-settings.rspamd")}</legend>
            {files.drafts.map((file) => (
              <div key={file.id} className="grid gap-3 rounded-ui border border-line p-3">
                <div className="flex items-start gap-2">
                  <Field
                    label={t("server-settings.rspamd-file")}
                    hint={t("server-settings.rspamd-file-hint")}
                    className="flex-1"
                  >
                    <Input
                      value={file.name}
                      onChange={(event) => files.change(file.id, { name: event.target.value })}
                      required
                      pattern="(local|override)\.d/[a-z0-9_\-]+\.(conf|inc|map)"
                      {...code}
                    />
                  </Field>
                  <RemoveDraftButton
                    use="servers.changeOverrides"
                    label={t("server-settings.rspamd-remove", { file: file.name })}
                    onClick={() => files.remove(file.id)}
                  />
                </div>
                <Field label={t("server-settings.rspamd-text")}>
                  <TextArea
                    value={file.text}
                    onChange={(event) => files.change(file.id, { text: event.target.value })}
                    rows={4}
                    {...code}
                  />
                </Field>
              </div>
            ))}
            <AddDraftButton
              use="servers.changeOverrides"
              label={t("server-settings.rspamd-add")}
              onClick={() => files.add({ name: "", text: "" })}
            />
          </fieldset>
        )}
        <Field label={t("server-settings.sieve")}>
          <TextArea name="sieve" rows={4} defaultValue={overrides.sieveBefore} {...code} />
        </Field>
      </SaveForm>
    </Panel>
  );
}
