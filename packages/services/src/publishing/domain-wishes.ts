import { dkimRecordName } from "@mailstead/core/dns";
import { isDkimKey, type RecordValue, setKey, valueKey } from "@mailstead/core/publishing";
import { dkimKeys, dnsPublishedRecords, servers, type Transaction } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { joinVerdicts, planDomainRecords, readLastCheck } from "../domains/index.ts";
import { recordValue } from "./plan-zones.ts";

/**
 * What a domain's plan wants of its zones, and what of ours it no longer does. What serves as somebody else wrote it,
 * like a stricter policy, is not wanted anew. Records that providers of addresses set are left out, and so is the MX
 * record of a server that does not know the domain yet: mail that came by it would be refused.
 */
export async function readDomainWishes(
  tx: Transaction,
  domain: { id: string; name: string },
  /** False compares with the plan alone, whatever the last check said. */
  { isWorldAsked = true } = {},
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
  const hostnames = await tx
    .select({ hostname: servers.hostname })
    .from(servers)
    .where(
      inArray(
        servers.hostname,
        published.map(({ name }) => name),
      ),
    );
  const keyNames = await readKeyNames(tx, domain);
  const ours = new Set(published.map(valueKey));
  const needed = new Set(planned.map(valueKey));
  const oursInSet = new Set(published.map(setKey));
  const plannedSets = new Set(planned.map(setKey));
  const namesOfServers = new Set(hostnames.map(({ hostname }) => hostname));
  const served = planned.filter((_, index) => {
    const kind = own[index]?.verdict?.kind;
    return isWorldAsked && (kind === "ok" || kind === "attention");
  });
  return {
    wanted: planned.filter(
      (value, index) =>
        ours.has(valueKey(value)) ||
        (!isTooEarly(own[index]) &&
          (!served.includes(value) || (!isSpf(value) && oursInSet.has(setKey(value))))),
    ),
    withdrawn: published.filter(
      (value) =>
        !needed.has(valueKey(value)) &&
        !isProof(value) &&
        (!isRolledOver(value) || isForgottenKey(value, keyNames)) &&
        // Other domains may live on the server that was given up; its own plan replaces what is wrong there.
        (plannedSets.has(setKey(value)) || !namesOfServers.has(value.name)) &&
        // An SPF record that was joined with what others need is not the planned one, and serves.
        !(isSpf(value) && served.some((one) => isSpf(one) && one.name === value.name)),
    ),
  };
}

function isTooEarly(record: { type: string; caution?: string } | undefined): boolean {
  return record?.type === "MX" && record.caution !== undefined;
}

function isSpf({ type, value }: RecordValue): boolean {
  return type === "TXT" && /^v=spf1( |$)/i.test(value);
}

/** A key whose server left the domain, after the time that mail on its way has: no rotation takes its record away. */
function isForgottenKey({ name, type, value }: RecordValue, keyNames: ReadonlySet<string>): boolean {
  return type === "TXT" && isDkimKey(value) && !keyNames.has(name);
}

/** Where every key stands that is known of, also those whose records a rotation has taken away. */
async function readKeyNames(tx: Transaction, domain: { id: string; name: string }): Promise<Set<string>> {
  const keys = await tx
    .select({ selector: dkimKeys.selector, publishedAtName: dkimKeys.publishedAtName })
    .from(dkimKeys)
    .where(eq(dkimKeys.domainId, domain.id));
  return new Set(
    keys.map(
      ({ selector, publishedAtName }) => publishedAtName ?? dkimRecordName({ selector, domain: domain.name }),
    ),
  );
}

/** By which a provider knows that its feed may tell of the domain; it is written by the feed, and goes with the domain. */
function isProof({ type, value }: RecordValue): boolean {
  return type === "TXT" && /^"?google-site-verification=/i.test(value);
}

/** Keys, certificates and challenges come and go in steps of their own, which know when the old may go. */
function isRolledOver({ name, type, value }: RecordValue): boolean {
  const labels = name.split(".");
  const isKey = type === "TXT" && isDkimKey(value);
  return type === "TLSA" || labels.includes("_domainkey") || isKey || labels[0] === "_acme-challenge";
}
