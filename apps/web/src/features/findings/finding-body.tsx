"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import type { RouterOutputs } from "../../client/router-types.ts";
import { CopyBlock } from "../../components/copy-block.tsx";
import { LinkedText } from "../../components/linked-text.tsx";
import { MarkedText } from "../../components/marked-text.tsx";
import { useWords } from "../../components/words-provider.tsx";
import { queueOfSenderHref } from "../mail-queue/queue-filters.ts";
import { mailboxHref } from "../mailboxes/mailbox-filters.ts";
import { FindingActionPanel } from "./finding-action.tsx";
import { FittingMeasure } from "./fitting-measure.tsx";
import { fixPageHref } from "./fix-page-href.ts";

type Finding = RouterOutputs["findings"]["get"];

/** What a finding means, what to do in numbered words and at the press of a button, and on what it rests. */
export function FindingBody({ finding }: { finding: Finding }) {
  const { t } = useWords();
  const { why, fix, evidence, reply } = finding.details;
  const page = fixPageHref(finding);
  return (
    <div className="grid gap-4 px-4 py-3.5 text-table">
      <Section title={t("finding.why")}>
        <p className="max-w-3xl">{why}</p>
      </Section>
      {finding.closedAt !== null ? null : (
        <Section title={t("finding.steps")}>
          <ol className="grid max-w-3xl list-decimal gap-1 pl-5">
            {fix.steps.map((step) => (
              <li key={step} className="[overflow-wrap:anywhere]">
                <LinkedText text={step} />
              </li>
            ))}
          </ol>
          {fix.record === undefined ? null : <CopyBlock text={fix.record} what={t("check.the-record")} />}
          <AccountWays finding={finding} />
          {page === null ? null : (
            <Link href={page} className="justify-self-start text-accent hover:underline">
              {t(`finding.page.${finding.page}`)}
            </Link>
          )}
        </Section>
      )}
      <FindingActionPanel finding={finding} />
      {fix.measure === null || finding.closedAt !== null ? null : (
        <FittingMeasure finding={finding} measure={fix.measure} />
      )}
      {reply === null ? null : (
        <Section title={t("finding.reply")}>
          <CopyBlock text={reply} what={t("finding.the-reply")} />
        </Section>
      )}
      <Section title={t("finding.evidence")}>
        <ul className="grid gap-0.5">
          {evidence.map((line) => (
            <li key={line} className="figures text-ink-2 [overflow-wrap:anywhere]">
              <MarkedText text={line} />
            </li>
          ))}
        </ul>
      </Section>
      {finding.closedAt !== null ? null : (
        <Section title={t("finding.recheck")}>
          <p className="max-w-3xl text-ink-2">{t(`finding.recheck.${finding.recheck}`)}</p>
        </Section>
      )}
    </div>
  );
}

/** Where the steps about an account are taken: its mailbox, and what it has in the queue of the server. */
function AccountWays({ finding: { action, serverId } }: { finding: Finding }) {
  const { t } = useWords();
  if (action === null || !("address" in action)) return null;
  const { address } = action;
  return (
    <>
      <Link href={mailboxHref(address)} className="justify-self-start text-accent hover:underline">
        {t("finding.open-mailbox", { address })}
      </Link>
      {serverId === null ? null : (
        <Link
          href={queueOfSenderHref(serverId, address)}
          className="justify-self-start text-accent hover:underline"
        >
          {t("finding.open-its-queue", { address })}
        </Link>
      )}
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid min-w-0 gap-1">
      <h2 className="font-medium text-ink-3 text-meta">{title}</h2>
      {children}
    </section>
  );
}
