"use client";
import { knownServices } from "@mailstead/core/reports";
import Link from "next/link";
import { Facts } from "../../components/facts.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { ReportRows } from "./report-rows.tsx";
import type { Sender } from "./sender-columns.tsx";
import type { readSenderFilters } from "./sender-filters.ts";

/** What a sender asks of us, in whose name it wrote, and the rows of the reports that say so. */
export function SenderDetails({
  sender,
  filters: { span, tenantId },
}: {
  sender: Sender;
  filters: ReturnType<typeof readSenderFilters>;
}) {
  const { t, format } = useWords();
  const {
    origin,
    advice,
    addresses,
    addressCount,
    seenDomains,
    provenDomains,
    rejected,
    quarantined,
    letIn,
  } = sender;
  const fix =
    advice === "service"
      ? t("senders.fix.service", {
          name: origin.kind === "service" ? knownServices[origin.service].title : "",
        })
      : advice === "own-name"
        ? t("senders.fix.own-name", { names: provenDomains.join(", ") })
        : t(`senders.fix.${advice}`);
  const hidden = addressCount - addresses.length;
  return (
    <div className="grid gap-4 px-4 py-4">
      <p className="max-w-prose">{fix}</p>
      <Facts
        facts={[
          {
            term: t("senders.fact.addresses"),
            detail:
              addresses.length === 0 ? (
                t("senders.no-address")
              ) : (
                <span className="font-mono">
                  {addresses.join(", ")}
                  {hidden > 0 ? ` ${t("senders.more", { count: hidden })}` : ""}
                </span>
              ),
          },
          { term: t("senders.fact.names"), detail: seenDomains.join(", ") || t("reports.seen-none") },
          { term: t("senders.fact.fate"), detail: t("senders.fate", { rejected, quarantined, letIn }) },
          {
            term: t("senders.fact.seen"),
            detail: t("senders.seen", {
              first: format.day(sender.firstAt),
              last: format.day(sender.lastAt),
            }),
          },
        ]}
      />
      <Claims sender={sender} />
      {addresses.length === 0 ? (
        <p className="text-ink-3">{t("senders.reports-none")}</p>
      ) : (
        <ReportRows
          asked={{ addresses: [...addresses], span, ...(tenantId === undefined ? {} : { tenantId }) }}
        />
      )}
    </div>
  );
}

/** The domains that it writes in the name of, each with its policy and the way to change that. */
function Claims({ sender: { domains, domainCount, advice } }: { sender: Sender }) {
  const { t, format } = useWords();
  const hidden = domainCount - domains.length;
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-ink-3 text-meta">{t("senders.column.claims")}</h3>
      <ul className="grid gap-1">
        {domains.map(({ id, name, tenantName, messages, failed, policy }) => (
          <li key={id} className="flex flex-wrap items-baseline gap-x-3">
            <Link
              href={`/domains/${id}/deliverability#reports`}
              className="text-accent [overflow-wrap:anywhere] hover:underline"
            >
              {name}
            </Link>
            <span className="text-ink-3 text-meta">{tenantName}</span>
            <span className="figures">
              {t("deliverability.day.messages", { count: messages })}, {format.number(failed)}{" "}
              {t("senders.fail")}
            </span>
            <span className="text-ink-2">
              {t("senders.policy", { policy: policy ?? t("reports.policy-unknown") })}
            </span>
            {advice === "let-in" && policy !== "reject" ? (
              <Link href={`/domains/${id}/settings`} className="text-accent hover:underline">
                {t("senders.to-policy")}
              </Link>
            ) : null}
          </li>
        ))}
      </ul>
      {hidden > 0 ? <p className="text-ink-3 text-meta">{t("senders.more", { count: hidden })}</p> : null}
    </section>
  );
}
