"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Input, Select, SwitchField } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FeedCredentials } from "./feed-credentials.tsx";
import { useGoogleConsent } from "./use-google-consent.ts";
import { credentialsFromForm, type Way, ways } from "./ways.ts";

export interface ConnectFeedDialogProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Leads through what a provider wants, one step after the other. */
export function ConnectFeedDialog({ isOpen, onOpenChange }: ConnectFeedDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("feeds.connect.title")}
      description={t("feeds.connect.lead")}
    >
      <ConnectFeedForm onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

function ConnectFeedForm({ onEnd }: { onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const tenants = useQuery(trpc.tenants.list.queryOptions());
  const [way, setWay] = useState<Way>("google-consent");
  const [verifiesDomains, setVerifies] = useState(true);
  const connect = useMutation(
    trpc.feeds.connect.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.feeds.pathKey() });
        onEnd();
      },
    }),
  );
  const consent = useGoogleConsent();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const tenantId = String(form.get("tenantId") ?? "");
    const wanted = { label: String(form.get("label")), tenantId: tenantId === "" ? null : tenantId };
    if (way === "google-consent") return consent.start(form, { kind: "connect", ...wanted, verifiesDomains });
    connect.mutate({
      ...wanted,
      // The use case parses what was typed, and says which field is wrong.
      credentials: credentialsFromForm(way, form) as Parameters<typeof connect.mutate>[0]["credentials"],
      verifiesDomains: way !== "snds" && verifiesDomains,
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field label={t("feeds.way")}>
        <Select
          name="way"
          value={way}
          onChange={(event) => setWay(ways.find((one) => one === event.target.value) ?? way)}
        >
          {ways
            .filter((one) => one !== "google-consent" || consent.isOffered)
            .map((one) => (
              <option key={one} value={one}>
                {t(`feeds.way.${one}`)}
              </option>
            ))}
        </Select>
      </Field>
      <Field label={t("feeds.label")}>
        <Input key={way} name="label" required maxLength={100} defaultValue={t(`feeds.label.${way}`)} />
      </Field>
      <Field label={t("dns.tenant")}>
        <Select name="tenantId" defaultValue="">
          <option value="">{t("dns.every-tenant")}</option>
          {(tenants.data ?? []).map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      </Field>
      <FeedCredentials way={way} />
      {way === "snds" ? null : (
        <SwitchField
          label={t("feeds.verifies")}
          hint={t("feeds.verifies-hint")}
          isOn={verifiesDomains}
          onChange={setVerifies}
        />
      )}
      <ProblemNote error={connect.error ?? consent.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={connect.isPending || consent.isPending}>
          {t(way === "google-consent" ? "feeds.consent.action" : "feeds.connect.action")}
        </Button>
      </DialogActions>
    </form>
  );
}
