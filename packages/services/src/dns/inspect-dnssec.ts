import type { DelegationSigner, DnssecFacts } from "@mailstead/core/dns";
import type { FoundZone } from "./find-zone.ts";
import type { ProbedServer } from "./probe-name-server.ts";
import { DnsQueryError, type DnsReply, queryNameServer } from "./query-name-server.ts";
import { errorOf, isSameName } from "./reply.ts";
import { askFirst, type Resolver } from "./resolver.ts";

const serverFailure = "SERVFAIL";

/** How a zone's keys are announced above it, what its servers signed, and what the resolver makes of both. */
export async function inspectDnssec(
  zone: FoundZone,
  { probed, resolver, now }: { probed: readonly ProbedServer[]; resolver: Resolver; now: Date },
): Promise<DnssecFacts> {
  const [signers, answer] = await Promise.all([
    signersOf(zone, resolver),
    judgedByResolver(zone.name, resolver),
  ]);
  return {
    checkedAt: now,
    signers,
    keys: probed.flatMap(({ keys }) => keys),
    signatures: probed.flatMap(({ signatures }) => signatures),
    resolver: { answer, name: resolver.address },
  };
}

/** DS records stand in the zone above (RFC 4035 §3.1.4.1); only when nobody there can be asked, the resolver's memory counts. */
async function signersOf(zone: FoundZone, resolver: Resolver): Promise<DnssecFacts["signers"]> {
  const question = { name: zone.name, type: "DS" } as const;
  const said = await askFirst(zone.above, question);
  if (said?.reply.flag_aa === true)
    return { records: signersIn(said.reply, zone.name), saidBy: said.authority.name };
  const remembered = await askQuietly(resolver, {
    ...question,
    wantsRecursion: true,
    isCheckingDisabled: true,
  });
  return remembered === null || errorOf(remembered) !== null
    ? null
    : { records: signersIn(remembered, zone.name), saidBy: resolver.address };
}

function signersIn(reply: DnsReply, zone: string): DelegationSigner[] {
  return (reply.answers ?? []).flatMap((answer): DelegationSigner[] =>
    answer.type === "DS" && isSameName(answer.name, zone)
      ? [
          {
            keyTag: answer.data.keyTag,
            algorithm: answer.data.algorithm,
            digestType: answer.data.digestType,
            digest: answer.data.digest.toString("hex"),
          },
        ]
      : [],
  );
}

/** A validating resolver that fails, and answers as soon as it need not check, has found a forgery (RFC 4035 §5.5). */
async function judgedByResolver(
  zone: string,
  resolver: Resolver,
): Promise<DnssecFacts["resolver"]["answer"]> {
  const question = { name: zone, type: "SOA", wantsRecursion: true, wantsSignatures: true } as const;
  const checked = await askQuietly(resolver, question);
  if (checked === null) return "unknown";
  const error = errorOf(checked);
  if (error === null) return checked.flag_ad ? "validated" : "plain";
  if (error !== serverFailure) return "unknown";
  const unchecked = await askQuietly(resolver, { ...question, isCheckingDisabled: true });
  const isAnswered =
    unchecked !== null && errorOf(unchecked) === null && (unchecked.answers ?? []).length > 0;
  return isAnswered ? "refused" : "unknown";
}

async function askQuietly(
  resolver: Resolver,
  question: Parameters<typeof queryNameServer>[1],
): Promise<DnsReply | null> {
  try {
    return await queryNameServer(resolver, question);
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return null;
  }
}
