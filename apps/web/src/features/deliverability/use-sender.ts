"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { refreshEveryMs } from "./refresh.ts";
import { readSpan } from "./spans.ts";

/** Whose mail it is about. */
export type Subject =
  | { kind: "domain"; domainId: string }
  /** All that it sends, or what it sends from one of its addresses. */
  | { kind: "server"; serverId: string; address?: string };

const shared = { placeholderData: keepPreviousData, refetchInterval: refreshEveryMs };

/** What receivers did with a sender's mail in the time that the page is about. Every section asks; the question is put once. */
export function useOverview(subject: Subject) {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const { domainId, ...server } = idsOf(subject);
  const span = readSpan(params);
  const ofDomain = useQuery(
    trpc.deliverability.domain.queryOptions(
      { domainId, span },
      { ...shared, enabled: subject.kind === "domain" },
    ),
  );
  const ofServer = useQuery(
    trpc.deliverability.server.queryOptions(
      { ...server, span },
      { ...shared, enabled: subject.kind === "server" },
    ),
  );
  return subject.kind === "domain" ? ofDomain : ofServer;
}

/** How receivers judged a sender day by day. */
export function useReputation(subject: Subject) {
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const { domainId, ...server } = idsOf(subject);
  const span = readSpan(params);
  const ofDomain = useQuery(
    trpc.deliverability.domainReputation.queryOptions(
      { domainId, span },
      { ...shared, enabled: subject.kind === "domain" },
    ),
  );
  const ofServer = useQuery(
    trpc.deliverability.serverReputation.queryOptions(
      { ...server, span },
      { ...shared, enabled: subject.kind === "server" },
    ),
  );
  return subject.kind === "domain" ? ofDomain : ofServer;
}

function idsOf(subject: Subject): { domainId: string; serverId: string; address?: string } {
  if (subject.kind === "domain") return { domainId: subject.domainId, serverId: "" };
  const { kind: _, ...server } = subject;
  return { domainId: "", ...server };
}
