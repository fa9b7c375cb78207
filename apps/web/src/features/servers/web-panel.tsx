"use client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, SwitchField, TextArea } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SaveForm } from "./save-form.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { useServerCache } from "./use-server-cache.ts";

/** What the host serves over HTTPS; on an older server, with the word that it will. */
export function WebPanel({ serverId, settings: { web } }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const [isEnabled, setEnabled] = useState(web.isEnabled || !web.isChosen);
  const save = useMutation(
    trpc.servers.changeWebSettings.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const keep = (form: FormData) => {
    const imprint = String(form.get("imprint") ?? "");
    // A form's text area ends its lines as HTTP does.
    save.mutate({ serverId, settings: { isEnabled, imprint: imprint.replaceAll("\r\n", "\n") } });
  };
  return (
    <Panel title={t("server-settings.web")} description={t("server-settings.web-note")}>
      <SaveForm use="servers.changeWebSettings" save={save} onSave={keep}>
        {web.isChosen ? null : (
          <p className="rounded-ui bg-attention-soft px-3 py-2 text-table">{t("server-settings.web-open")}</p>
        )}
        <SwitchField
          label={t("server-settings.web-on")}
          hint={t("server-settings.web-on-hint")}
          isOn={isEnabled}
          onChange={setEnabled}
        />
        <Field label={t("server-settings.imprint")} hint={t("server-settings.imprint-hint")}>
          <TextArea name="imprint" rows={4} maxLength={2000} defaultValue={web.imprint ?? ""} />
        </Field>
      </SaveForm>
    </Panel>
  );
}
