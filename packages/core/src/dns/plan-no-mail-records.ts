import { dmarcValue } from "./plan-domain-records.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { DmarcWishes } from "./record-plan-input.ts";

/**
 * Says of a name that nobody sends from it and nothing is delivered to it, so that forgers cannot use it: for a domain
 * without mail, and for names like www that have an address and would take mail by it (RFC 5321 §5.1, RFC 7505). Of the
 * wishes only the addresses for reports count: the policy is the strictest.
 */
export function noMailRecords(
  name: string,
  { reportsTo = [], failureReportsTo = [] }: Pick<DmarcWishes, "reportsTo" | "failureReportsTo"> = {},
): PlannedRecord[] {
  const base = { level: "recommended", publishedAt: "domain-dns" } as const;
  return [
    {
      ...base,
      purpose: "no-mail-spf",
      name,
      type: "TXT",
      value: "v=spf1 -all",
      reason: `Says that nobody sends mail from ${name} (SPF).`,
      withoutIt: `Forgers can send in the name of ${name}, and receivers cannot tell.`,
    },
    {
      ...base,
      purpose: "no-mail-dmarc",
      name: `_dmarc.${name}`,
      type: "TXT",
      value: dmarcValue({ policy: "reject", reportsTo, failureReportsTo }),
      reason: `Tells receivers to refuse all mail that claims to be from ${name} (DMARC).`,
      withoutIt: `Receivers decide for themselves what to do with forged mail from ${name}.`,
    },
    {
      ...base,
      purpose: "null-mx",
      name,
      type: "MX",
      value: "0 .",
      reason: `Says that ${name} takes no mail (null MX), so that senders hear it at once.`,
      withoutIt: `Mail to ${name} is tried for days at whatever its address leads to.`,
    },
  ];
}
