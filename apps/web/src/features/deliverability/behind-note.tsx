"use client";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { refreshEveryMs } from "./refresh.ts";

const namedMax = 3;

/** Says since when what servers tell is not added up, be it that nobody adds or that much waits; nothing while it is. */
export function BehindNote({ serverId = null }: { serverId?: string | null }) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const behind = useQuery(
    trpc.deliverability.behind.queryOptions(undefined, { refetchInterval: refreshEveryMs }),
  ).data;
  if (behind === undefined) return null;
  const stalled = behind.servers.filter(({ id }) => serverId === null || id === serverId);
  const since = behind.allSince ?? stalled.map((one) => one.since).sort((a, b) => +a - +b)[0];
  if (since === undefined) return null;
  const time = format.exact(since);
  const named = stalled.slice(0, namedMax).map(({ name }) => name);
  const more = stalled.length - named.length;
  const names = more > 0 ? [...named, t("deliverability.behind-more", { count: more })] : named;
  return (
    <p role="status" className="rounded-ui bg-attention-soft px-4 py-2 text-table [overflow-wrap:anywhere]">
      {behind.allSince === null
        ? t("deliverability.behind-some", {
            names: names.join(", "),
            time,
          })
        : t("deliverability.behind-all", { time })}
    </p>
  );
}
