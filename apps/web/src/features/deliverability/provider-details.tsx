import { type ReplyCategory, replyCategories } from "@mailstead/core/delivery";
import type { RouterOutputs } from "../../client/router-types.ts";
import { Ago } from "../../components/time.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { MeasureButtons } from "../measures/measure-buttons.tsx";
import { EvidenceSentence } from "./evidence-sentence.tsx";

type Provider = RouterOutputs["deliverability"]["domain"]["providers"][number];
type SeenReply = NonNullable<Provider["replies"][ReplyCategory]>;

/** Why a receiver is judged as it is, and what it said, with what helps. */
export function ProviderDetails({
  provider,
  measures,
}: {
  provider: Provider;
  /** The server that can do something about it; null where it is about more than one. */
  measures: { serverId: string } | null;
}) {
  const { t } = useWords();
  const replies = (Object.entries(provider.replies) as [ReplyCategory, SeenReply][]).sort(
    ([, a], [, b]) => b.permanent - a.permanent || b.temporary - a.temporary,
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 px-4 py-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
      <section className="grid content-start gap-1.5">
        <h3 className="font-medium text-ink-3 text-meta">{t("deliverability.why")}</h3>
        <Why provider={provider} />
        {measures === null || provider.provider === null ? null : (
          <MeasureButtons
            target={{ ...measures, provider: provider.provider, title: provider.title ?? provider.provider }}
          />
        )}
      </section>
      <section className="grid min-w-0 content-start gap-3">
        <h3 className="font-medium text-ink-3 text-meta">{t("deliverability.reasons")}</h3>
        {replies.length === 0 ? <p className="text-ink-2">{t("deliverability.no-reasons")}</p> : null}
        {replies.map(([category, seen]) => (
          <Reason
            key={category}
            category={category}
            seen={seen}
            sample={provider.samples.find((sample) => sample.category === category)}
          />
        ))}
      </section>
    </div>
  );
}

function Why({ provider }: { provider: Provider }) {
  const { t } = useWords();
  return (
    <ul className="grid gap-1.5">
      {provider.reputation === "UNKNOWN" ? (
        <li>{t("deliverability.evidence.missing", { count: provider.missing })}</li>
      ) : null}
      {provider.evidence.map((evidence) => (
        <li key={`${evidence.code} ${evidence.about}`}>
          <EvidenceSentence evidence={evidence} />
        </li>
      ))}
    </ul>
  );
}

function Reason({
  category,
  seen,
  sample,
}: {
  category: ReplyCategory;
  seen: SeenReply;
  sample: Provider["samples"][number] | undefined;
}) {
  const { t } = useWords();
  const counts = [
    ...(seen.permanent > 0 ? [t("deliverability.reason.permanent", { count: seen.permanent })] : []),
    ...(seen.temporary > 0 ? [t("deliverability.reason.temporary", { count: seen.temporary })] : []),
  ];
  return (
    <div className="grid gap-1 border-line border-t pt-3 first-of-type:border-t-0 first-of-type:pt-0">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <span className="font-medium">{t(`reply.${category}`)}</span>
        <span className="text-ink-2">{counts.join(", ")}</span>
        <span className="text-ink-3 text-meta">
          {t("deliverability.reason.since")} <Ago at={new Date(seen.firstAt)} />
          {seen.lastAt === seen.firstAt ? null : (
            <>
              , {t("deliverability.reason.last")} <Ago at={new Date(seen.lastAt)} />
            </>
          )}
        </span>
      </p>
      <p className="text-ink-2">
        {t(`reply.${category}.fix`)}{" "}
        <span className="text-ink-3">{t(`deliverability.owner.${replyCategories[category].owner}`)}.</span>
      </p>
      {sample === undefined ? null : (
        <p className="font-mono text-ink-3 text-meta [overflow-wrap:anywhere]">{sample.reply}</p>
      )}
    </div>
  );
}
