import type { FeedDomainState } from "@mailstead/db";
import type { RecordPublisher } from "../dns/index.ts";
import type { FeedDomain } from "./feed-scope.ts";
import type { GoogleClient } from "./google-client.ts";

/** How far a domain has come. */
export interface DomainProof {
  readonly state: FeedDomainState;
  readonly toPaste: string | null;
  readonly problem: string | null;
}

/**
 * Adds a domain to the account, publishes the TXT record that proves it, and has Google look. Where no provider of DNS is
 * connected a person pastes the record, which each look tries anew. Every step may be made again.
 */
export async function proveDomain(
  { client, publisher }: { client: GoogleClient; publisher: RecordPublisher },
  { organisationId, domain, isListed }: { organisationId: string; domain: FeedDomain; isListed: boolean },
): Promise<DomainProof> {
  if (!isListed) await client.createDomain(domain.name);
  const token = await client.getVerificationToken(domain.name);
  const outcome = await publisher.publish({
    organisationId,
    domainId: domain.id,
    put: [
      {
        purpose: "feed-proof",
        name: domain.name,
        type: "TXT",
        value: token,
        level: "optional",
        reason: "Google tells the figures of a domain to whoever can write this record.",
        withoutIt: "Google Postmaster Tools tells nothing of the domain.",
        publishedAt: "domain-dns",
      },
    ],
    withdraw: [],
    reason: "verification at Google Postmaster Tools",
  });
  if (outcome.kind === "refused" || outcome.kind === "failed")
    return {
      state: "waiting",
      toPaste: token,
      problem: `The record that proves the domain could not be published: ${outcome.sentence}`,
    };
  if (await client.verifyDomain(domain.name)) return { state: "verified", toPaste: null, problem: null };
  return outcome.kind === "by-hand"
    ? {
        state: "to-paste",
        toPaste: token,
        problem: `Publish TXT ${domain.name} "${token}" where the domain's DNS is kept; Google is asked again by itself.`,
      }
    : {
        state: "waiting",
        toPaste: null,
        problem:
          "The record that proves the domain is published, and Google does not see it yet; it is asked again by itself.",
      };
}
