"use client";
import type { DriftPolicy } from "@mailstead/core/servers";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Field, Input, Select, SwitchField, TextArea } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SaveForm } from "./save-form.tsx";
import type { ServerSettings } from "./server-settings-screen.tsx";
import { parseNetworks } from "./text-lines.ts";
import { useServerCache } from "./use-server-cache.ts";

export interface SettingsPart {
  serverId: string;
  settings: ServerSettings;
}

const bytesPerMegabyte = 1024 * 1024;

export function HostnamePanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const save = useMutation(trpc.servers.changeHostname.mutationOptions({ onSuccess: () => cache.refresh() }));
  const keep = (form: FormData) => save.mutate({ serverId, hostname: String(form.get("hostname")) });
  return (
    <Panel title={t("server-settings.general")}>
      <SaveForm use="servers.changeHostname" save={save} onSave={keep}>
        <Field label={t("server-settings.hostname")} hint={t("server-settings.hostname-hint")}>
          <Input
            name="hostname"
            defaultValue={settings.hostname}
            required
            spellCheck={false}
            autoCapitalize="none"
            className="font-mono text-table"
          />
        </Field>
      </SaveForm>
    </Panel>
  );
}

export function StackPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const { stack } = settings;
  const [hasVirusScan, setVirusScan] = useState(stack.hasVirusScan);
  const [scoresSubmissions, setScoresSubmissions] = useState(stack.scoresSubmissions);
  const [holdsStolen, setHoldsStolen] = useState(stack.stolenAccounts === "hold");
  const [delimiter, setDelimiter] = useState(stack.recipientDelimiter);
  const save = useMutation(
    trpc.servers.changeStackSettings.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const keep = (form: FormData) => {
    const text = (name: string) => String(form.get(name) ?? "").trim();
    save.mutate({
      serverId,
      settings: {
        messageSizeMaxBytes: Math.round(Number(text("messageSize")) * bytesPerMegabyte),
        recipientDelimiter: delimiter,
        ipFamilies: text("ipFamilies") as typeof stack.ipFamilies,
        hasVirusScan,
        scoresSubmissions,
        stolenAccounts: holdsStolen ? "hold" : "alert",
        sendsPerMailboxPerHourMax: Number(text("mailboxRate")),
        sendsPerDomainPerHourMax: Number(text("domainRate")),
        postmaster:
          text("postmaster") === ""
            ? null
            : (text("postmaster").toLowerCase() as NonNullable<typeof stack.postmaster>),
        neverBanned: parseNetworks(text("neverBanned")),
        alwaysBanned: parseNetworks(text("alwaysBanned")),
      },
    });
  };
  return (
    <Panel title={t("server-settings.stack")}>
      <SaveForm use="servers.changeStackSettings" save={save} onSave={keep}>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("server-settings.message-size")}>
            <Input
              name="messageSize"
              type="number"
              min={1}
              max={476}
              step={0.1}
              required
              defaultValue={Number((stack.messageSizeMaxBytes / bytesPerMegabyte).toFixed(1))}
            />
          </Field>
          <Field label={t("server-settings.mailbox-rate")} hint={t("server-settings.rate-hint")}>
            <Input
              name="mailboxRate"
              type="number"
              min={0}
              step={1}
              required
              defaultValue={stack.sendsPerMailboxPerHourMax}
            />
          </Field>
          <Field label={t("server-settings.domain-rate")} hint={t("server-settings.rate-hint")}>
            <Input
              name="domainRate"
              type="number"
              min={0}
              step={1}
              required
              defaultValue={stack.sendsPerDomainPerHourMax}
            />
          </Field>
          <Field
            label={t("server-settings.delimiter")}
            hint={t("server-settings.delimiter-hint", { delimiter })}
          >
            <Select
              value={delimiter}
              onChange={(event) => setDelimiter(event.target.value === "-" ? "-" : "+")}
            >
              <option value="+">+</option>
              <option value="-">-</option>
            </Select>
          </Field>
          <Field label={t("server-settings.families")}>
            <Select name="ipFamilies" defaultValue={stack.ipFamilies}>
              <option value="dual">{t("server-settings.families.dual")}</option>
              <option value="prefer-ipv4">{t("server-settings.families.prefer-ipv4")}</option>
              <option value="ipv4-only">{t("server-settings.families.ipv4-only")}</option>
              <option value="ipv6-only">{t("server-settings.families.ipv6-only")}</option>
            </Select>
          </Field>
          <Field
            label={t("server-settings.postmaster")}
            hint={t("server-settings.postmaster-hint")}
            className="sm:col-span-2"
          >
            <Input name="postmaster" type="email" defaultValue={stack.postmaster ?? ""} />
          </Field>
          <Field label={t("server-settings.never-banned")} hint={t("server-settings.networks-hint")}>
            <TextArea
              name="neverBanned"
              rows={3}
              defaultValue={stack.neverBanned.join("\n")}
              spellCheck={false}
              className="font-mono text-table"
            />
          </Field>
          <Field label={t("server-settings.always-banned")} hint={t("server-settings.networks-hint")}>
            <TextArea
              name="alwaysBanned"
              rows={3}
              defaultValue={stack.alwaysBanned.join("\n")}
              spellCheck={false}
              className="font-mono text-table"
            />
          </Field>
        </div>
        <SwitchField
          label={t("server-settings.virus")}
          hint={t("server-settings.virus-hint")}
          isOn={hasVirusScan}
          onChange={setVirusScan}
        />
        <SwitchField
          label={t("server-settings.score-submissions")}
          hint={t("server-settings.score-submissions-hint")}
          isOn={scoresSubmissions}
          onChange={setScoresSubmissions}
        />
        <SwitchField
          label={t("server-settings.stolen-accounts")}
          hint={t("server-settings.stolen-accounts-hint")}
          isOn={holdsStolen}
          onChange={setHoldsStolen}
        />
      </SaveForm>
    </Panel>
  );
}

const policies: readonly DriftPolicy[] = ["ask", "revert", "keep"];

export function DriftPolicyPanel({ serverId, settings }: SettingsPart) {
  const { t } = useWords();
  const trpc = useTRPC();
  const cache = useServerCache();
  const save = useMutation(
    trpc.servers.changeDriftPolicy.mutationOptions({ onSuccess: () => cache.refresh() }),
  );
  const keep = (form: FormData) => {
    const picked = String(form.get("driftPolicy"));
    const driftPolicy = policies.find((policy) => policy === picked);
    if (driftPolicy !== undefined) save.mutate({ serverId, driftPolicy });
  };
  return (
    <Panel title={t("server-settings.drift")} description={t("server-settings.drift-hint")}>
      <SaveForm use="servers.changeDriftPolicy" save={save} onSave={keep}>
        <fieldset className="grid gap-2">
          <legend className="sr-only">{t("server-settings.drift")}</legend>
          {policies.map((policy) => (
            <label key={policy} className="flex w-fit cursor-pointer items-center gap-2.5 text-table">
              <input
                type="radio"
                name="driftPolicy"
                value={policy}
                defaultChecked={policy === settings.driftPolicy}
                className="size-4 accent-(--accent-fill)"
              />
              {t(`server-settings.drift.${policy}`)}
            </label>
          ))}
        </fieldset>
      </SaveForm>
    </Panel>
  );
}
