"use client";
import { reputationOrder } from "@mailstead/core/reputation";
import { complaintLimits } from "@mailstead/core/sender-rules";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { type SectionCard, SectionCards } from "../../components/section-cards.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { levelOf as listLevelOf } from "../block-lists/block-lists-panel.tsx";
import { bandText } from "../feeds/share-text.ts";
import { reputationLevels } from "./reputation-word.tsx";
import { readSpan } from "./spans.ts";
import { useReceiverName } from "./use-receiver-name.ts";
import { type Subject, useOverview } from "./use-sender.ts";

/** The state of each part of a domain's page, so that nobody has to read all of it to know where to look. */
export function DomainSummary({ domainId }: { domainId: string }) {
  const { t, format } = useWords();
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const receivers = useReceiversCard({ kind: "domain", domainId });
  const rules = useQuery(trpc.senderRules.domain.queryOptions({ domainId })).data;
  const reports = useQuery(
    trpc.deliverability.reports.queryOptions({ domainId, span: readSpan(params) }),
  ).data;
  const told = useQuery(trpc.feeds.domain.queryOptions({ domainId })).data;
  const notMet = new Set(
    rules?.providers.flatMap((judged) =>
      judged.rules.filter(({ state }) => state === "not-met").map(({ rule }) => rule),
    ),
  ).size;
  const dmarc = reports?.dmarc;
  const cards: SectionCard[] = [
    receivers,
    {
      id: "sender-rules",
      title: t("sender-rules.title"),
      level: rules === undefined ? "unknown" : notMet > 0 ? "attention" : "good",
      says:
        notMet > 0 ? t("sender-rules.count.not-met", { count: notMet }) : t("deliverability.card.rules-met"),
    },
    {
      id: "reports",
      title: t("reports.title"),
      level:
        dmarc === undefined || dmarc.total === 0
          ? "unknown"
          : (reports?.findings.length ?? 0) > 0
            ? "attention"
            : "good",
      says:
        dmarc === undefined || dmarc.total === 0
          ? t("reports.empty-title")
          : t("deliverability.card.reports", {
              share: format.part(dmarc.passed / dmarc.total),
              count: dmarc.total,
            }),
    },
    useToldCard(told),
  ];
  return <SectionCards label={t("deliverability.card.label")} cards={cards} />;
}

/** The same of a server. */
export function ServerSummary({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const receivers = useReceiversCard({ kind: "server", serverId });
  const lists = useQuery(trpc.blockLists.ofServer.queryOptions({ serverId })).data;
  const told = useQuery(trpc.feeds.server.queryOptions({ serverId })).data;
  const listed = lists?.entries.filter(({ state }) => state === "listed") ?? [];
  const levels = listed.map(listLevelOf);
  const cards: SectionCard[] = [
    receivers,
    {
      id: "block-lists",
      title: t("block-lists.title"),
      level:
        lists === undefined || lists.roundAt === null
          ? "unknown"
          : levels.includes("trouble")
            ? "trouble"
            : levels.includes("attention")
              ? "attention"
              : "good",
      says:
        lists === undefined || lists.roundAt === null
          ? t("block-lists.empty-title")
          : listed.length === 0
            ? t("deliverability.card.not-listed")
            : t("deliverability.card.listed", {
                names: [...new Set(listed.map(({ title }) => title))].join(", "),
              }),
    },
    useToldCard(told),
  ];
  return <SectionCards label={t("deliverability.card.label")} cards={cards} />;
}

/** The worst word that a receiver has, and where. */
function useReceiversCard(subject: Subject): SectionCard {
  const { t } = useWords();
  const nameOf = useReceiverName();
  const providers = useOverview(subject).data?.providers ?? [];
  const worst = reputationOrder.find((reputation) => providers.some((one) => one.reputation === reputation));
  const own = providers.filter(({ reputation }) => reputation === worst);
  const card = { id: "receivers", title: t("deliverability.receivers") };
  if (worst === undefined) return { ...card, level: "unknown", says: t("deliverability.empty-title") };
  const where =
    worst === "HIGH" || worst === "UNKNOWN"
      ? t("deliverability.at-receivers", { count: own.length })
      : t("deliverability.at", { names: own.map(({ provider }) => nameOf(provider)).join(", ") });
  return {
    ...card,
    level: reputationLevels[worst],
    says: `${t(`deliverability.reputation.${worst}`)} ${where}`,
  };
}

interface Told {
  readonly hasFeed: boolean;
  readonly subjects: readonly {
    readonly title: string;
    readonly days: readonly {
      readonly complaints: { readonly lower: number; readonly upper: number } | null;
    }[];
  }[];
}

/** The newest share of complaints of each provider that tells one. */
function useToldCard(told: Told | undefined): SectionCard {
  const { t, format } = useWords();
  const shares = (told?.subjects ?? []).flatMap(({ title, days }) => {
    const complaints = days.at(-1)?.complaints ?? null;
    return complaints === null ? [] : [{ title, complaints }];
  });
  const worst = Math.max(0, ...shares.map(({ complaints }) => complaints.lower));
  return {
    id: "told",
    title: t("feeds.told"),
    level:
      shares.length === 0
        ? "unknown"
        : worst >= complaintLimits.never
          ? "trouble"
          : worst >= complaintLimits.aim
            ? "attention"
            : "good",
    says:
      shares.length === 0
        ? t("deliverability.card.told-nothing")
        : shares
            .map(({ title, complaints }) =>
              t("deliverability.card.told", { name: title, share: bandText(complaints, format) }),
            )
            .join(", "),
  };
}
