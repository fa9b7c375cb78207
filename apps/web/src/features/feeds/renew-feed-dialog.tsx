"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Dialog, DialogActions } from "../../components/dialog.tsx";
import { Field, Select } from "../../components/field.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { FeedCredentials } from "./feed-credentials.tsx";
import { useGoogleConsent } from "./use-google-consent.ts";
import { credentialsFromForm, type Way, ways } from "./ways.ts";

export interface RenewFeedDialogProps {
  feed: { id: string; label: string; kind: string };
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** Takes a new consent, key or link for a feed, whose figures stay. */
export function RenewFeedDialog({ feed, isOpen, onOpenChange }: RenewFeedDialogProps) {
  const { t } = useWords();
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={t("feeds.renew.title", { label: feed.label })}
      description={t("feeds.renew.lead")}
    >
      <RenewFeedForm feed={feed} onEnd={() => onOpenChange(false)} />
    </Dialog>
  );
}

function RenewFeedForm({ feed, onEnd }: { feed: RenewFeedDialogProps["feed"]; onEnd: () => void }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const consent = useGoogleConsent();
  const fitting = ways.filter(
    (way) => (way === "snds") === (feed.kind === "snds") && (way !== "google-consent" || consent.isOffered),
  );
  const [way, setWay] = useState<Way>(fitting[0] ?? "snds");
  const renew = useMutation(
    trpc.feeds.renew.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.feeds.pathKey() });
        onEnd();
      },
    }),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (way === "google-consent") return consent.start(form, { kind: "renew", connectionId: feed.id });
    renew.mutate({
      connectionId: feed.id,
      credentials: credentialsFromForm(way, form) as Parameters<typeof renew.mutate>[0]["credentials"],
    });
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      {fitting.length === 1 ? null : (
        <Field label={t("feeds.way")}>
          <Select
            name="way"
            value={way}
            onChange={(event) => setWay(fitting.find((one) => one === event.target.value) ?? way)}
          >
            {fitting.map((one) => (
              <option key={one} value={one}>
                {t(`feeds.way.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <FeedCredentials way={way} />
      <ProblemNote error={renew.error ?? consent.error} />
      <DialogActions>
        <Button onClick={onEnd}>{t("controls.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={renew.isPending || consent.isPending}>
          {t(way === "google-consent" ? "feeds.consent.action" : "feeds.renew.action")}
        </Button>
      </DialogActions>
    </form>
  );
}
