import { type RecordValue, valueKey } from "@mailstead/core/publishing";
import { dnsPublishedRecords, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";
import { joinVerdicts, planDomainRecords, readLastCheck } from "../domains/index.ts";
import { recordValue } from "./plan-zones.ts";

/**
 * What a domain's plan wants of its zones: every record that the world does not already see well served, and that what
 * we wrote for the domain and is planned no longer goes. Records that providers of addresses set are left out.
 */
export async function readDomainWishes(
  tx: Transaction,
  domain: { id: string; name: string },
): Promise<{ wanted: RecordValue[]; withdrawn: RecordValue[] }> {
  const { records } = await planDomainRecords(tx, domain);
  const check = await readLastCheck(tx, domain.id);
  const own = joinVerdicts(records, check?.report ?? null).filter(
    ({ publishedAt }) => publishedAt !== "address-provider",
  );
  const planned = own.map((record) =>
    recordValue({ ...record, value: record.verdict?.readyValue ?? record.value }),
  );
  const published = await tx
    .select({
      name: dnsPublishedRecords.name,
      type: dnsPublishedRecords.type,
      value: dnsPublishedRecords.value,
    })
    .from(dnsPublishedRecords)
    .where(eq(dnsPublishedRecords.domainId, domain.id));
  const ours = new Set(published.map(valueKey));
  const isServed = (index: number) => {
    const verdict = own[index]?.verdict;
    return verdict?.kind === "ok" || verdict?.kind === "attention";
  };
  const isNeeded = new Set(planned.map(valueKey));
  return {
    // A stricter policy that somebody else wrote serves, and is not to be replaced by ours.
    wanted: planned.filter((value, index) => !isServed(index) || ours.has(valueKey(value))),
    withdrawn: published.filter((value) => !isNeeded.has(valueKey(value)) && !isRolledOver(value)),
  };
}

/** Keys, certificates and challenges come and go in steps of their own, which know when the old may go. */
function isRolledOver({ name, type }: RecordValue): boolean {
  const labels = name.split(".");
  return type === "TLSA" || labels.includes("_domainkey") || labels[0] === "_acme-challenge";
}
