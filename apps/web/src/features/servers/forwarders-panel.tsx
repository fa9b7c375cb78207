"use client";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, TextArea } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SaveBar } from "./saved-note.tsx";
import type { SettingsPart } from "./stack-settings-panels.tsx";
import { parseNetworks } from "./text-lines.ts";
import { useServerCache } from "./use-server-cache.ts";

/** Whom the host's resolver asks, for a network in which nobody may ask the world's name servers. */
export function ForwardersPanel({ serverId, settings: { stack } }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const save = useMutation(
    trpc.servers.changeStackSettings.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get("dnsForwarders") ?? "");
    save.mutate({ serverId, settings: { dnsForwarders: parseNetworks(typed) } });
  };
  return (
    <Panel id="dns" title={t("forwarders.title")} description={t("forwarders.lead")}>
      <form onSubmit={submit} className="grid gap-4">
        <Field label={t("forwarders.addresses")} hint={t("forwarders.hint")}>
          <TextArea
            name="dnsForwarders"
            rows={2}
            defaultValue={stack.dnsForwarders.join("\n")}
            spellCheck={false}
            autoCapitalize="none"
            className="font-mono text-table"
          />
        </Field>
        <SaveBar save={save} />
      </form>
    </Panel>
  );
}
