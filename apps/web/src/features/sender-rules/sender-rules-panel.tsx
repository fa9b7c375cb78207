"use client";
import { providerRules, senderRules } from "@mailstead/core/sender-rules";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { type Level, LevelSentence } from "../../components/level.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { SenderRulesToDo } from "./sender-rules-to-do.tsx";
import { useMeasuredWords } from "./use-measured-words.ts";

export type JudgedProvider = RouterOutputs["senderRules"]["domain"]["providers"][number];
export type JudgedRule = JudgedProvider["rules"][number];

/** What each provider asks of senders, beside what was measured of the domain's mail. */
export function SenderRulesPanel({ domainId }: { domainId: string }) {
  const { t } = useWords();
  const trpc = useTRPC();
  const { data } = useQuery(trpc.senderRules.domain.queryOptions({ domainId }));
  if (data === undefined) return null;
  const { providers, serverId } = data;
  return (
    <Panel title={t("sender-rules.title")} description={t("sender-rules.lead")} isFlush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className="overflow-x-auto" aria-label={t("sender-rules.title")} tabIndex={0}>
        <table
          className="w-full min-w-2xl border-collapse text-left align-top text-table"
          aria-label={t("sender-rules.title")}
        >
          <thead>
            <tr className="border-line border-b">
              <th scope="col" className="px-4 py-2 font-medium text-ink-3 text-meta">
                {t("sender-rules.rule")}
              </th>
              {providers.map(({ provider }) => (
                <ProviderHead key={provider} provider={provider} />
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className="border-line border-b">
              <RuleHead>{t("sender-rules.volume")}</RuleHead>
              {providers.map((judged) => (
                <VolumeCell key={judged.provider} judged={judged} />
              ))}
            </tr>
            {senderRules.map((rule) => (
              <tr key={rule} className="border-line border-b last:border-b-0">
                <RuleHead>{t(`sender-rules.rule.${rule}`)}</RuleHead>
                {providers.map(({ provider, rules }) => (
                  <RuleCell
                    key={provider}
                    provider={provider}
                    judged={rules.find((one) => one.rule === rule)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <SenderRulesToDo providers={providers} domainId={domainId} serverId={serverId} />
    </Panel>
  );
}

function ProviderHead({ provider }: { provider: JudgedProvider["provider"] }) {
  const { t } = useWords();
  const { title, source } = providerRules[provider];
  return (
    <th scope="col" className="px-4 py-2 font-medium">
      <a
        href={source}
        target="_blank"
        rel="noreferrer"
        className="inline-flex items-center gap-1 hover:underline"
        title={t("sender-rules.source", { provider: title })}
      >
        {title}
        <ExternalLink aria-hidden="true" className="size-3 text-ink-3" />
      </a>
    </th>
  );
}

function RuleHead({ children }: { children: string }) {
  return (
    <th scope="row" className="px-4 py-2 text-left align-top font-medium">
      {children}
    </th>
  );
}

function VolumeCell({ judged: { provider, peak, isBulk } }: { judged: JudgedProvider }) {
  const { t, format } = useWords();
  const { bulkPerDay } = providerRules[provider];
  const from = bulkPerDay ?? 0;
  return (
    <td className="px-4 py-2 align-top">
      <p className="figures">
        {peak === null ? t("sender-rules.volume.none") : format.number(peak.messages)}
      </p>
      {peak === null ? null : (
        <p className="text-ink-3 text-meta">
          {bulkPerDay === null
            ? t("sender-rules.volume.no-number")
            : t(isBulk ? "sender-rules.volume.bulk" : "sender-rules.volume.below", { from })}
        </p>
      )}
    </td>
  );
}

const levels: Record<Exclude<JudgedRule["state"], "does-not-apply">, Level> = {
  met: "good",
  "not-met": "attention",
  "not-enough-data": "unknown",
};

function RuleCell({
  provider,
  judged,
}: {
  provider: JudgedProvider["provider"];
  judged: JudgedRule | undefined;
}) {
  const { t } = useWords();
  const measuredWords = useMeasuredWords();
  if (judged === undefined)
    return <td className="px-4 py-2 align-top text-ink-3">{t("sender-rules.state.not-asked")}</td>;
  const { state } = judged;
  const word = t(`sender-rules.state.${state}`);
  return (
    <td className="px-4 py-2 align-top">
      {state === "does-not-apply" ? (
        <span className="text-ink-3">{word}</span>
      ) : (
        <LevelSentence level={levels[state]}>{word}</LevelSentence>
      )}
      <p className="text-ink-3 text-meta">{measuredWords(judged, provider)}</p>
    </td>
  );
}
