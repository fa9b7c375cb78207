"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Folded } from "../../components/folded.tsx";
import { LevelWord } from "../../components/level.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { RenewFeedDialog } from "./renew-feed-dialog.tsx";
import { StandingWord } from "./standing-word.tsx";

type Feed = RouterOutputs["feeds"]["list"][number];

/** One feed: whose account it is, how it stands, what is to be done, and the domains that wait to be proven. */
export function FeedLine({ feed }: { feed: Feed }) {
  const { t, format } = useWords();
  const { label, title, account, state, problem, newestDay, subjects, lookedAt, linkEndsAt, accessEndsAt } =
    feed;
  const waiting = feed.domains.filter((domain) => domain.state !== "verified");
  return (
    <li className="grid gap-1.5 border-line border-b px-4 py-3 text-table last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="grid min-w-0 flex-1 basis-56 leading-tight">
          <span className="font-medium [overflow-wrap:anywhere]">{label}</span>
          <span className="text-ink-3 text-meta [overflow-wrap:anywhere]">
            {label === title ? account : `${title} · ${account}`}
          </span>
        </div>
        {state === "failing" ? (
          <LevelWord level="trouble">{t("feeds.state.failing")}</LevelWord>
        ) : state === "testing" ? (
          <LevelWord level="unknown">{t("feeds.state.testing")}</LevelWord>
        ) : (
          <StandingWord standing={feed.standing} />
        )}
        <FeedActions feed={feed} />
      </div>
      {problem === null ? null : <p className="text-ink-2 [overflow-wrap:anywhere]">{problem}</p>}
      {feed.notes.map((note) => (
        <p key={note} className="text-ink-2 [overflow-wrap:anywhere]">
          {note}
        </p>
      ))}
      <p className="text-ink-3 text-meta">
        {newestDay === null
          ? t("feeds.nothing-yet")
          : t(feed.kind === "snds" ? "feeds.newest-addresses" : "feeds.newest-domains", {
              day: newestDay,
              count: subjects,
            })}
        {lookedAt === null ? null : (
          <>
            {" "}
            · {t("feeds.looked")} <Ago at={lookedAt} />
          </>
        )}
        {linkEndsAt === null ? null : <> · {t("feeds.link-ends", { day: format.day(linkEndsAt) })}</>}
        {accessEndsAt === null ? null : <> · {t("feeds.access-ends", { day: format.day(accessEndsAt) })}</>}
      </p>
      {waiting.length === 0 ? null : (
        <Folded label={t("feeds.unverified", { count: waiting.length })}>
          <ul className="grid gap-2 pt-1.5">
            {waiting.map(({ domainId, name, problem: why, toPaste }) => (
              <li key={domainId} className="grid gap-1">
                <span className="font-medium">{name}</span>
                {why === null ? null : <span className="text-ink-2 [overflow-wrap:anywhere]">{why}</span>}
                {toPaste === null ? null : (
                  <CopyBlock text={`${name}. TXT "${toPaste}"`} what={t("feeds.record-of", { name })} />
                )}
              </li>
            ))}
          </ul>
        </Folded>
      )}
    </li>
  );
}

function FeedActions({ feed }: { feed: Feed }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<"renew" | "disconnect" | null>(null);
  const again = { onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.feeds.pathKey() }) };
  const readNow = useMutation(trpc.feeds.readNow.mutationOptions(again));
  const confirm = useMutation(trpc.feeds.confirmAccess.mutationOptions(again));
  const disconnect = useMutation(
    trpc.feeds.disconnect.mutationOptions({
      onSuccess: async () => {
        setOpen(null);
        await again.onSuccess();
      },
    }),
  );
  const { id: connectionId, label, kind, state } = feed;
  return (
    <div className="flex flex-wrap gap-2">
      {kind === "yahoo" ? null : (
        <>
          <IfMay use="feeds.readNow">
            <Button
              size="small"
              aria-label={t("feeds.read-now-named", { label })}
              isBusy={readNow.isPending || state === "testing"}
              onClick={() => readNow.mutate({ connectionId })}
            >
              {t("feeds.read-now")}
            </Button>
          </IfMay>
          <IfMay use="feeds.renew">
            <Button
              size="small"
              aria-label={t("feeds.renew-named", { label })}
              onClick={() => setOpen("renew")}
            >
              {t(kind === "snds" ? "feeds.new-link" : "feeds.renew")}
            </Button>
          </IfMay>
        </>
      )}
      {kind === "snds" ? (
        <IfMay use="feeds.confirmAccess">
          <Button size="small" isBusy={confirm.isPending} onClick={() => confirm.mutate({ connectionId })}>
            {t("feeds.confirm-access")}
          </Button>
        </IfMay>
      ) : null}
      <IfMay use="feeds.disconnect">
        <Button
          size="small"
          look="quiet-danger"
          aria-label={t("feeds.disconnect-named", { label })}
          onClick={() => setOpen("disconnect")}
        >
          {t("feeds.disconnect")}
        </Button>
      </IfMay>
      <ProblemNote error={readNow.error ?? confirm.error} />
      <RenewFeedDialog
        feed={feed}
        isOpen={open === "renew"}
        onOpenChange={(isOpen) => setOpen(isOpen ? "renew" : null)}
      />
      <ConfirmDialog
        isOpen={open === "disconnect"}
        onOpenChange={(isOpen) => setOpen(isOpen ? "disconnect" : null)}
        title={t("feeds.disconnect.title", { label })}
        consequence={t("feeds.disconnect.consequence")}
        actionLabel={t("feeds.disconnect.action")}
        isBusy={disconnect.isPending}
        error={disconnect.error}
        onConfirm={() => disconnect.mutate({ connectionId })}
      />
    </div>
  );
}
