import type { DnsLookup, NameServerAnswer } from "@mailstead/core/dns";
import type { Authority } from "./find-zone.ts";
import { DnsQueryError, type DnsReply, queryNameServer } from "./query-name-server.ts";
import { aliasIn, errorOf, isRefusal, isSameName, valuesOf } from "./reply.ts";

/**
 * Asks each authority for a name and gives what each said, never throwing: a silent server is an answer of its own.
 * Addresses of a family that this machine has no way to are left out where others answered.
 */
export async function askAuthorities(
  authorities: readonly Authority[],
  question: DnsLookup,
): Promise<NameServerAnswer[]> {
  const answers = await Promise.all(authorities.map((authority) => askAuthority(authority, question)));
  const reached = answers.filter(({ isWithoutRoute }) => !isWithoutRoute);
  return (reached.length > 0 ? reached : answers).map(({ answer }) => answer);
}

async function askAuthority(
  authority: Authority,
  question: DnsLookup,
): Promise<{ answer: NameServerAnswer; isWithoutRoute: boolean }> {
  const who = { nameServer: authority.name, address: authority.address };
  if (authority.silence !== undefined)
    return {
      answer: { ...who, kind: "failed", problem: `${authority.name}: ${authority.silence}` },
      isWithoutRoute: false,
    };
  try {
    const reply = await queryNameServer(authority, question);
    return { answer: { ...who, ...said(reply, { authority, question }) }, isWithoutRoute: false };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    const problem = `${authority.name}: ${cause.message}`;
    return { answer: { ...who, kind: "failed", problem }, isWithoutRoute: cause.isWithoutRoute };
  }
}

type Said =
  | { kind: "answered"; values: string[]; ttlSeconds?: number }
  | { kind: "alias"; target: string }
  | { kind: "failed"; problem: string; isLame?: true };

function said(reply: DnsReply, { authority, question }: { authority: Authority; question: DnsLookup }): Said {
  const error = errorOf(reply);
  if (error !== null) {
    const failed = { kind: "failed", problem: `${authority.name} answered ${error}` } as const;
    return isRefusal(error) ? { ...failed, isLame: true } : failed;
  }
  if (!reply.flag_aa)
    return { kind: "failed", problem: `${authority.name} does not answer for this zone`, isLame: true };
  // Who asks for the alias itself is answered by it.
  const target = question.type === "CNAME" ? null : aliasIn(reply, question.name);
  if (target !== null) return { kind: "alias", target };
  const own = (reply.answers ?? []).filter((answer) => isSameName(answer.name, question.name));
  const values = valuesOf(own, question.type);
  // Only whoever changes a key waits for caches.
  return question.type === "TLSA" && values.length > 0
    ? { kind: "answered", values, ttlSeconds: Math.max(...own.map(ttlOf)) }
    : { kind: "answered", values };
}

function ttlOf(answer: { ttl?: number } | object): number {
  return "ttl" in answer && typeof answer.ttl === "number" ? answer.ttl : 0;
}
