"use client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTRPC } from "../../client/trpc.tsx";
import { Button } from "../../components/button.tsx";
import { Panel } from "../../components/panel.tsx";
import { ProblemNote } from "../../components/problem-note.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { IfMay } from "../access/role-provider.tsx";
import { ConnectFeedDialog } from "./connect-feed-dialog.tsx";
import { FeedLine } from "./feed-line.tsx";

// What was just connected is read within seconds; what stands is read twice a day.
const beingReadMs = 3_000;
const standingMs = 60_000;

/** The accounts at mailbox providers by which these tell of our mail. */
export function FeedsPanel() {
  const { t } = useWords();
  const trpc = useTRPC();
  const [isAdding, setAdding] = useState(false);
  const feeds = useQuery({
    ...trpc.feeds.list.queryOptions({}),
    refetchInterval: ({ state }) =>
      state.data?.some((feed) => feed.state === "testing") ? beingReadMs : standingMs,
  });
  const rows = feeds.data ?? [];
  return (
    <Panel
      id="feeds"
      title={t("feeds.title")}
      description={t("feeds.lead")}
      isFlush
      actions={
        <IfMay use="feeds.connect">
          <Button size="small" onClick={() => setAdding(true)}>
            {t("feeds.connect")}
          </Button>
        </IfMay>
      }
    >
      <ProblemNote error={feeds.error} />
      {feeds.isSuccess && rows.length === 0 ? (
        <p className="px-4 py-3.5 text-ink-3 text-table">{t("feeds.empty")}</p>
      ) : (
        <ul>
          {rows.map((feed) => (
            <FeedLine key={feed.id} feed={feed} />
          ))}
        </ul>
      )}
      <p className="border-line border-t px-4 py-2.5 text-ink-3 text-meta">{t("feeds.yahoo-hint")}</p>
      <ConnectFeedDialog isOpen={isAdding} onOpenChange={setAdding} />
    </Panel>
  );
}
