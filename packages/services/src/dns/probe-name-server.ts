import type { ZoneKey, ZoneServer, ZoneSignature } from "@mailstead/core/dns";
import type { Answer, SoaAnswer } from "dns-packet";
import {
  dnskeyData,
  isGenuine,
  keyTagOf,
  nameOctets,
  type PublicZoneKey,
  type SignedSet,
  signerDigests,
} from "./dnssec-keys.ts";
import { DnsQueryError, type DnsReply, queryNameServer } from "./query-name-server.ts";
import { errorOf, isSameName, valuesOf } from "./reply.ts";
import type { Authority } from "./resolver.ts";

export interface ProbedServer {
  server: ZoneServer;
  keys: readonly ZoneKey[];
  signatures: readonly ZoneSignature[];
  /** Whether this machine has no way to addresses of that family. */
  isWithoutRoute: boolean;
}

// RFC 1035 §3.2.2, RFC 4034 §2.
const typeNumbers = { SOA: 6, DNSKEY: 48 } as const;
// RFC 4034 §2.1.1 and RFC 5011 §7.
const entryPointFlag = 0x0001;
const revokedFlag = 0x0080;

/** What one address of a name server says of the zone itself, its keys included. Never throws for what it does. */
export async function probeNameServer(authority: Authority, zone: string): Promise<ProbedServer> {
  const who = { nameServer: authority.name, address: authority.address };
  const nothing = { keys: [], signatures: [], isWithoutRoute: false };
  try {
    const soaReply = await queryNameServer(authority, { name: zone, type: "SOA", wantsSignatures: true });
    const error = errorOf(soaReply);
    const soa = soaReply.answers?.find((answer) => answer.type === "SOA" && isSameName(answer.name, zone));
    if (error !== null || !soaReply.flag_aa || soa?.type !== "SOA") {
      const problem = error === null ? "it does not answer for this zone" : `it answered ${error}`;
      return { ...nothing, server: { ...who, kind: "lame", problem } };
    }
    const own = await queryNameServer(authority, { name: zone, type: "NS" });
    const { refresh = 0, retry = 0, expire = 0, minimum = 0, serial = 0 } = soa.data;
    const keyReply = await queryNameServer(authority, {
      name: zone,
      type: "DNSKEY",
      wantsSignatures: true,
    });
    return {
      server: {
        ...who,
        kind: "authoritative",
        serial,
        nameServers: valuesOf(own.answers ?? [], "NS"),
        times: { refreshS: refresh, retryS: retry, expireS: expire, negativeS: minimum },
        tcpProblem: await tcpProblemOf(authority, zone),
      },
      ...signingOf({ zone, soa, soaReply, keyReply, saidBy: authority.name }),
      isWithoutRoute: false,
    };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    const { message: problem, isWithoutRoute } = cause;
    return { ...nothing, server: { ...who, kind: "silent", problem }, isWithoutRoute };
  }
}

/** Answers that do not fit into a packet come over TCP only (RFC 7766 §5), so each server must give them. */
async function tcpProblemOf(authority: Authority, zone: string): Promise<string | null> {
  try {
    await queryNameServer(authority, { name: zone, type: "SOA", overTcp: true });
    return null;
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return cause.message;
  }
}

function signingOf({
  zone,
  soa,
  soaReply,
  keyReply,
  saidBy,
}: {
  zone: string;
  soa: SoaAnswer;
  soaReply: DnsReply;
  keyReply: DnsReply;
  saidBy: string;
}): Pick<ProbedServer, "keys" | "signatures"> {
  const published = (keyReply.answers ?? []).flatMap((answer): PublicZoneKey[] =>
    answer.type === "DNSKEY" && isSameName(answer.name, zone) ? [answer.data] : [],
  );
  const sets: { set: SignedSet; answers: readonly Answer[] }[] = [
    {
      set: { name: zone, typeNumber: typeNumbers.DNSKEY, data: published.map(dnskeyData) },
      answers: keyReply.answers ?? [],
    },
    {
      set: { name: zone, typeNumber: typeNumbers.SOA, data: [soaData(soa)] },
      answers: soaReply.answers ?? [],
    },
  ];
  return {
    keys: published.map((key) => ({
      keyTag: keyTagOf(key),
      algorithm: key.algorithm,
      isEntryPoint: (key.flags & entryPointFlag) !== 0,
      isRevoked: (key.flags & revokedFlag) !== 0,
      digests: signerDigests(zone, key),
      saidBy,
    })),
    signatures: sets.flatMap(({ set, answers }) => signaturesOver(set, { answers, keys: published, saidBy })),
  };
}

function signaturesOver(
  set: SignedSet,
  { answers, keys, saidBy }: { answers: readonly Answer[]; keys: readonly PublicZoneKey[]; saidBy: string },
): ZoneSignature[] {
  const covered = set.typeNumber === typeNumbers.SOA ? "SOA" : "DNSKEY";
  return answers.flatMap((answer): ZoneSignature[] => {
    if (answer.type !== "RRSIG" || answer.data.typeCovered !== covered) return [];
    const data = { ...answer.data, originalTtl: answer.data.originalTTL };
    const signer = keys.filter((key) => key.algorithm === data.algorithm && keyTagOf(key) === data.keyTag);
    const tried = signer.map((key) => isGenuine(set, data, key));
    return [
      {
        covers: covered,
        keyTag: data.keyTag,
        algorithm: data.algorithm,
        inception: new Date(data.inception * 1000),
        expiration: new Date(data.expiration * 1000),
        isGenuine:
          tried.length === 0 ? false : tried.includes(true) ? true : tried.includes(null) ? null : false,
        saidBy,
      },
    ];
  });
}

/** RFC 4034 §6.2: the names within the data are in lower case and whole. */
function soaData({ data }: SoaAnswer): Buffer {
  const numbers = Buffer.alloc(20);
  for (const [at, value] of [data.serial, data.refresh, data.retry, data.expire, data.minimum].entries())
    numbers.writeUInt32BE(value ?? 0, at * 4);
  return Buffer.concat([nameOctets(data.mname), nameOctets(data.rname), numbers]);
}
