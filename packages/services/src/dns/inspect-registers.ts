import {
  findingKey,
  judgeListings,
  judgeRegistration,
  type ListedSubject,
  type Registration,
} from "@mailstead/core/checks";
import type { OutsideSources } from "../context/index.ts";
import { askBlockLists } from "./ask-block-lists.ts";
import { askRegistration } from "./ask-registration.ts";
import type { DnsView } from "./dns-view.ts";
import type { Inspected } from "./inspected.ts";

/** What a register said, and when it was asked, as ISO text: it changes seldom, and its owner counts questions. */
export interface SeenRegistration {
  askedAt: string;
  registration: Registration;
}

const askAgainAfterMs = 20 * 3_600_000;

/** Asks the registers that this installation names for a domain: its registration, and whether it is on a block list. */
export async function inspectRegisters(
  domain: string,
  {
    view,
    now,
    sources,
    before,
    listingsBefore = [],
  }: {
    view: DnsView;
    now: Date;
    sources: OutsideSources;
    before: SeenRegistration | null;
    listingsBefore?: readonly ListedSubject[] | undefined;
  },
): Promise<Inspected & { seen: SeenRegistration | null; listings: readonly ListedSubject[] }> {
  const [seen, listings] = await Promise.all([
    registrationOf(domain, { now, rdapUrl: sources.rdapUrl, before }),
    askBlockLists([domain], { zones: sources.blockLists, view, now, before: listingsBefore }),
  ]);
  return {
    seen,
    listings,
    findings: [
      ...(seen === null ? [] : judgeRegistration(seen.registration, now)),
      ...judgeListings(listings),
    ],
    unasked: [
      ...(seen === null && sources.rdapUrl !== undefined
        ? ["domain-expiring", "domain-on-hold", "domain-unlocked"]
        : []),
      ...listings
        .filter(({ listing }) => listing.kind === "unknown")
        .map(({ list, subject }) => findingKey({ kind: "domain-block-listed", about: `${subject} ${list}` })),
    ],
  };
}

async function registrationOf(
  domain: string,
  { now, rdapUrl, before }: { now: Date; rdapUrl: string | undefined; before: SeenRegistration | null },
): Promise<SeenRegistration | null> {
  if (rdapUrl === undefined) return null;
  if (before !== null && now.getTime() - Date.parse(before.askedAt) < askAgainAfterMs) return before;
  const registration = await askRegistration(domain, rdapUrl);
  return registration === null ? null : { askedAt: now.toISOString(), registration };
}
