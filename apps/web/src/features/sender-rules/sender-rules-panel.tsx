"use client";
import { providerRules, senderRules } from "@mailstead/core/sender-rules";
import { useQuery } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { AwaitedPanel } from "../../components/awaited-panel.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { type Level, LevelSentence, LevelWord } from "../../components/level.tsx";
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
  const query = useQuery(trpc.senderRules.domain.queryOptions({ domainId }));
  if (query.data === undefined)
    return <AwaitedPanel id="sender-rules" title={t("sender-rules.title")} query={query} />;
  const { providers, serverId } = query.data;
  return (
    <Panel id="sender-rules" title={t("sender-rules.title")} description={t("sender-rules.lead")} isFlush>
      <SenderRulesToDo providers={providers} domainId={domainId} serverId={serverId} />
      <div className="md:hidden">
        {providers.map((judged) => (
          <ProviderRules key={judged.provider} judged={judged} />
        ))}
      </div>
      <div className="max-md:hidden">
        <Disclosure
          summary={<span className="text-table">{t("sender-rules.all")}</span>}
          note={<Counts providers={providers} />}
        >
          <table
            className="w-full border-collapse text-left align-top text-table"
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
        </Disclosure>
      </div>
    </Panel>
  );
}

/** The rules of one provider below each other, for a screen that is too narrow for all side by side. */
function ProviderRules({ judged }: { judged: JudgedProvider }) {
  const { t } = useWords();
  const measuredWords = useMeasuredWords();
  const { provider, rules } = judged;
  return (
    <Disclosure
      summary={<span className="font-medium text-table">{providerRules[provider].title}</span>}
      note={<Counts providers={[judged]} />}
    >
      <dl className="grid gap-2.5 px-4 py-3 text-table">
        <div className="grid grid-cols-2 gap-x-4">
          <dt className="text-ink-2">{t("sender-rules.volume")}</dt>
          <dd>
            <Volume judged={judged} />
          </dd>
        </div>
        {senderRules.flatMap((rule) => {
          const one = rules.find((each) => each.rule === rule);
          if (one === undefined) return [];
          return [
            <div key={rule} className="grid grid-cols-2 gap-x-4">
              <dt className="text-ink-2">{t(`sender-rules.rule.${rule}`)}</dt>
              <dd>
                <RuleState judged={one} />
                <p className="text-ink-3 text-meta">{measuredWords(one, provider)}</p>
              </dd>
            </div>,
          ];
        })}
      </dl>
    </Disclosure>
  );
}

/** How many rules are met and how many are not; each rule once, however many providers ask for it. */
function Counts({ providers }: { providers: readonly JudgedProvider[] }) {
  const { t } = useWords();
  const rulesIn = (state: JudgedRule["state"]) =>
    new Set(
      providers.flatMap(({ rules }) => rules.filter((one) => one.state === state).map(({ rule }) => rule)),
    );
  const notMet = rulesIn("not-met");
  const met = [...new Set([...rulesIn("met"), ...rulesIn("near-limit")])].filter((rule) => !notMet.has(rule));
  const level = notMet.size > 0 ? "attention" : met.length > 0 ? "good" : "unknown";
  return (
    <LevelWord level={level}>
      <span className="text-table">
        {notMet.size > 0
          ? t("sender-rules.count.not-met", { count: notMet.size })
          : met.length > 0
            ? t("sender-rules.count.met", { count: met.length })
            : t("sender-rules.count.none")}
      </span>
    </LevelWord>
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

function VolumeCell({ judged }: { judged: JudgedProvider }) {
  return (
    <td className="px-4 py-2 align-top">
      <Volume judged={judged} />
    </td>
  );
}

function Volume({ judged: { provider, peak, isBulk } }: { judged: JudgedProvider }) {
  const { t, format } = useWords();
  const { bulkPerDay } = providerRules[provider];
  const from = bulkPerDay ?? 0;
  return (
    <>
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
    </>
  );
}

const levels: Record<Exclude<JudgedRule["state"], "does-not-apply">, Level> = {
  met: "good",
  "near-limit": "attention",
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
  return (
    <td className="px-4 py-2 align-top">
      <RuleState judged={judged} />
      <p className="text-ink-3 text-meta">{measuredWords(judged, provider)}</p>
    </td>
  );
}

function RuleState({ judged: { state } }: { judged: JudgedRule }) {
  const { t } = useWords();
  const word = t(`sender-rules.state.${state}`);
  return state === "does-not-apply" ? (
    <span className="text-ink-3">{word}</span>
  ) : (
    <LevelSentence level={levels[state]}>{word}</LevelSentence>
  );
}
