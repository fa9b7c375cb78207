import { adviseDmarc, dmarcStepProblem } from "@mailstead/core/mail-settings";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { joinVerdicts, planDomainRecords, readLastCheck } from "./domain-report.ts";
import { readMailWishes } from "./mail-wishes.ts";
import { proofStandingOf } from "./proof-standing.ts";

const getMailSettingsInput = z.object({ domainId: z.uuid() });

export type DomainMailSettings = Awaited<ReturnType<typeof getMailSettings>>;

/** What is wished for a domain's mail, with what to do about its DMARC policy next. Throws `not-found`. */
export async function getMailSettings(ctx: ServiceContext, input: z.input<typeof getMailSettingsInput>) {
  const { domainId } = parseInput(getMailSettingsInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const { settings, isWithoutMail } = await readMailWishes(tx, domainId);
    const { records } = await planDomainRecords(tx, domain);
    const check = await readLastCheck(tx, domainId);
    const judged = joinVerdicts(records, check?.report ?? null);
    const standing = {
      domain: domain.name,
      policy: settings.dmarc.policy,
      proof: proofStandingOf(judged),
      hasReports: settings.reportsHere !== "none" || settings.dmarc.reportsTo.length > 0,
    };
    return {
      isWithoutMail,
      settings,
      dmarc: {
        advice: adviseDmarc(standing),
        policies: (["none", "quarantine", "reject"] as const).map((policy) => ({
          policy,
          problem: dmarcStepProblem(standing, policy),
        })),
      },
      spf: spfOf(records),
    };
  });
}

/** The SPF record that is planned now, with what is known of it; null for a domain that has none. */
function spfOf(records: readonly { purpose: string; value: string; caution?: string }[]) {
  const record = records.find(({ purpose }) => purpose === "spf");
  return record === undefined ? null : { value: record.value, caution: record.caution ?? null };
}
