import { providerRules, type SenderRule, senderRules } from "@mailstead/core/sender-rules";
import Link from "next/link";
import { useWords } from "../../components/words-provider.tsx";
import type { JudgedProvider, JudgedRule } from "./sender-rules-panel.tsx";

/** Each rule that is not met, once, with who asks for it, what helps and where that is done. */
export function SenderRulesToDo({
  providers,
  domainId,
  serverId,
}: {
  providers: readonly JudgedProvider[];
  domainId: string;
  /** Sends the domain's mail. */
  serverId: string | null;
}) {
  const { t } = useWords();
  const open = senderRules.flatMap((rule) => {
    const unmet = providers.flatMap(({ provider, rules }) => {
      const judged = rules.find((one) => one.rule === rule && one.state === "not-met");
      return judged === undefined ? [] : [{ provider, judged }];
    });
    return unmet.length === 0 ? [] : [{ rule, unmet }];
  });
  if (open.length === 0) return null;
  return (
    <section className="grid gap-3 border-line border-b px-4 py-4 text-table">
      <h3 className="font-medium text-ink-3 text-meta">{t("sender-rules.to-do")}</h3>
      <ul className="grid gap-3">
        {open.map(({ rule, unmet }) => (
          <li key={rule} className="grid gap-0.5">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-medium">{t(`sender-rules.rule.${rule}`)}</span>
              <span className="text-ink-3 text-meta">
                {unmet.map(({ provider }) => providerRules[provider].title).join(", ")}
              </span>
            </p>
            <Sentence measured={unmet[0]?.judged.measured} />
            <p className="text-ink-2">
              {t(`sender-rules.fix.${rule}`)}{" "}
              <FixLink rule={rule} measured={unmet[0]?.judged.measured} where={{ domainId, serverId }} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

type MaybeMeasured = JudgedRule["measured"] | undefined;

/** What the check said, where it has a sentence of its own. */
function Sentence({ measured }: { measured: MaybeMeasured }) {
  if (measured?.kind !== "record" && measured?.kind !== "host-problem") return null;
  return <p className="text-ink-2 [overflow-wrap:anywhere]">{measured.sentence}</p>;
}

function FixLink({ rule, measured, where }: { rule: SenderRule; measured: MaybeMeasured; where: Where }) {
  const { t } = useWords();
  const found = placeOf(rule, measured, where);
  if (found === null) return null;
  return (
    <Link href={found.href} className="text-accent hover:underline">
      {t(`sender-rules.link.${found.place}`)}
    </Link>
  );
}

type Where = { domainId: string; serverId: string | null };
type Place = { href: string; place: "records" | "keys" | "server" | "settings" };

/** Where the rule is kept; null where that is outside of Mailstead. */
function placeOf(rule: SenderRule, measured: MaybeMeasured, { domainId, serverId }: Where): Place | null {
  if (measured?.kind === "host-problem") return { href: `/servers/${measured.serverId}`, place: "server" };
  switch (rule) {
    case "spf-or-dkim":
    case "spf":
    case "dmarc":
      return { href: `/domains/${domainId}`, place: "records" };
    case "dkim":
      return measured?.kind === "record"
        ? { href: `/domains/${domainId}`, place: "records" }
        : { href: `/domains/${domainId}/keys`, place: "keys" };
    case "key-size":
      return { href: `/domains/${domainId}/keys`, place: "keys" };
    case "tls":
      return serverId === null ? null : { href: `/servers/${serverId}/settings`, place: "settings" };
    case "alignment":
    case "reverse-name":
    case "one-click":
    case "unsubscribe":
    case "format":
    case "own-from":
    case "complaints":
      return null;
  }
}
