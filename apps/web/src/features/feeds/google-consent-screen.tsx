"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { Spinner } from "../../components/spinner.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { useMay } from "../access/role-provider.tsx";
import { readConsentAnswer } from "./read-consent-answer.ts";

const feedsHref = "/settings#feeds";

/** Takes what Google sent a person back with, and goes on to the feeds, or says why nothing came of it. */
export function GoogleConsentScreen() {
  const { t } = useWords();
  const trpc = useTRPC();
  const router = useRouter();
  const queryClient = useQueryClient();
  const isTaken = useRef(false);
  const { mutate, error } = useMutation(
    trpc.feeds.takeGoogleConsent.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries({ queryKey: trpc.feeds.pathKey() });
        router.replace(feedsHref);
      },
    }),
  );
  const isAllowed = useMay()("feeds.takeGoogleConsent");
  useEffect(() => {
    if (!isAllowed) return;
    // An answer counts once.
    if (isTaken.current) return;
    isTaken.current = true;
    mutate(readConsentAnswer(new URLSearchParams(window.location.search)));
  }, [mutate, isAllowed]);
  return (
    <>
      <PageHeader
        title={t("feeds.consent.title")}
        parent={{ href: "/settings", label: t("settings.title") }}
      />
      <Panel>
        {!isAllowed ? (
          <p className="text-ink-2 text-table">{t("feeds.consent.not-allowed")}</p>
        ) : error === null ? (
          <p role="status" className="flex items-center gap-2 text-table">
            <Spinner /> {t("feeds.consent.taking")}
          </p>
        ) : (
          <div className="grid gap-3">
            <ProblemNote error={error} />
            <Link href={feedsHref} className="justify-self-start text-accent text-table hover:underline">
              {t("feeds.consent.back")}
            </Link>
          </div>
        )}
      </Panel>
    </>
  );
}
