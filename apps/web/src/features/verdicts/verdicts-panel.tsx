"use client";
import { spamMessages, verdictActions } from "@mailstead/core/verdicts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { useUrlParams } from "../../client/use-url-params.ts";
import { type Fact, Facts } from "../../components/facts.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { readSpan } from "../deliverability/spans.ts";

type Figures = RouterOutputs["verdicts"]["server"]["inbound"];

// Hosts tell every minute.
const refreshEveryMs = 60_000;

/** What Rspamd decided on a server, in the time that the page is about. */
export function VerdictsPanel({ serverId }: { serverId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const [params] = useUrlParams();
  const { data } = useQuery(
    trpc.verdicts.server.queryOptions(
      { serverId, span: readSpan(params) },
      { placeholderData: keepPreviousData, refetchInterval: refreshEveryMs },
    ),
  );
  if (data === undefined) return null;
  const { inbound, outbound } = data;
  return (
    <Panel title={t("verdicts.title")} description={t("verdicts.lead")}>
      {inbound.messages + outbound.messages === 0 ? (
        <p className="text-ink-2">{t("verdicts.empty")}</p>
      ) : (
        <div className="grid gap-6 lg:grid-cols-3">
          <Inbound figures={inbound} />
          <Outbound figures={outbound} />
          <Reasons figures={inbound} />
        </div>
      )}
    </Panel>
  );
}

function Inbound({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const part = usePart(figures.messages);
  return (
    <Block
      title={t("verdicts.in")}
      facts={[
        { term: t("verdicts.messages"), detail: part.whole },
        ...verdictActions.flatMap((action): Fact[] => {
          const count = figures.actions[action] ?? 0;
          return count === 0 ? [] : [{ term: t(`verdicts.action.${action}`), detail: part.of(count) }];
        }),
        { term: t("verdicts.dmarc-fail"), detail: part.of(figures.facts["dmarc-fail"] ?? 0) },
      ]}
    />
  );
}

function Outbound({ figures }: { figures: Figures }) {
  const { t } = useWords();
  const part = usePart(figures.messages);
  return (
    <Block
      title={t("verdicts.out")}
      facts={[
        { term: t("verdicts.messages"), detail: part.whole },
        { term: t("verdicts.signed"), detail: part.of(figures.facts.signed ?? 0) },
        { term: t("verdicts.aligned"), detail: part.of(figures.facts.aligned ?? 0) },
        { term: t("verdicts.spam-score"), detail: part.of(spamMessages(figures)) },
        {
          term: t("verdicts.action.rejected"),
          detail: part.of(figures.actions.rejected ?? 0),
        },
      ]}
    />
  );
}

/** How what came was scored, and which of Rspamd's rules spoke most often. */
function Reasons({ figures }: { figures: Figures }) {
  const { t, format } = useWords();
  const part = usePart(figures.messages);
  const name = ({ from, until }: Figures["scores"][number]) => {
    if (from === null) return t("verdicts.score.below", { until: until ?? 0 });
    return until === null ? t("verdicts.score.from", { from }) : t("verdicts.score.between", { from, until });
  };
  return (
    <div className="grid content-start gap-4">
      <Block
        title={t("verdicts.scores")}
        facts={figures.scores.map((span) => ({ term: name(span), detail: part.of(span.messages) }))}
      />
      {figures.topSymbols.length === 0 ? null : (
        <Block
          title={t("verdicts.symbols")}
          facts={figures.topSymbols.map(({ symbol, messages }) => ({
            term: symbol,
            detail: format.number(messages),
          }))}
        />
      )}
    </div>
  );
}

function Block({ title, facts }: { title: string; facts: readonly Fact[] }) {
  return (
    <section className="grid content-start gap-2">
      <h3 className="font-medium text-ink-3 text-meta">{title}</h3>
      <Facts facts={facts} />
    </section>
  );
}

function usePart(whole: number): { whole: string; of: (count: number) => string } {
  const { t, format } = useWords();
  return {
    whole: format.number(whole),
    of: (count) =>
      whole === 0
        ? format.number(count)
        : t("verdicts.part", { count, percent: format.percent(count / whole) }),
  };
}
