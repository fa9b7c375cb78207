import { storableText } from "@mailstead/core/text";
import type { Answer } from "dns-packet";
import type { DnsReply } from "./query-name-server.ts";

// RFC 1035 §4.1.1: the response code is the low four bits of the flags.
const responseCodeMask = 0x0f;
const codeNames: Record<number, string> = {
  1: "FORMERR",
  2: "SERVFAIL",
  4: "NOTIMP",
  5: "REFUSED",
  9: "NOTAUTH",
};
const noSuchName = 3;

/** The name of the error that a reply reports, or null when it says what there is or that there is nothing. */
export function errorOf(reply: DnsReply): string | null {
  const code = (reply.flags ?? 0) & responseCodeMask;
  return code === 0 || code === noSuchName ? null : (codeNames[code] ?? `error code ${code}`);
}

/** Errors by which a server says that the zone is none of its own. */
export function isRefusal(error: string | null): boolean {
  return error === "REFUSED" || error === "NOTAUTH";
}

/** The name that a reply says the asked one is an alias of. */
export function aliasIn(reply: DnsReply, name: string): string | null {
  const found = reply.answers?.find((answer) => answer.type === "CNAME" && isSameName(answer.name, name));
  return found?.type === "CNAME" ? storableText(found.data) : null;
}

/**
 * The values of one type in a reply as presentation texts; the strings of a TXT are joined. A record may hold any octet,
 * and what is said here is kept.
 */
export function valuesOf(answers: readonly Answer[], type: Answer["type"] | "SPF"): string[] {
  return answers
    .filter((answer) => answer.type === type)
    .map(presentation)
    .map(storableText);
}

/** DNS does not tell capitals apart (RFC 4343). */
export function isSameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function presentation(answer: Answer): string {
  switch (answer.type) {
    case "A":
    case "AAAA":
    case "CNAME":
    case "PTR":
    case "NS":
      return answer.data;
    case "MX":
      return `${answer.data.preference ?? 0} ${answer.data.exchange}`;
    case "TXT":
      return textOf(answer.data);
    case "SRV": {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return `${priority} ${weight} ${port} ${target}`;
    }
    case "TLSA": {
      const { usage, selector, matchingType, certificate } = answer.data;
      return `${usage} ${selector} ${matchingType} ${certificate.toString("hex")}`;
    }
    case "SSHFP":
      return `${answer.data.algorithm} ${answer.data.hash} ${answer.data.fingerprint}`;
    case "CAA":
      return `${answer.data.flags ?? 0} ${answer.data.tag} "${answer.data.value}"`;
    default:
      return "";
  }
}

/** Joined as octets, because a string may end in the middle of a letter. */
function textOf(data: string | Buffer | (string | Buffer)[]): string {
  const parts = (Array.isArray(data) ? data : [data]).map((part) =>
    typeof part === "string" ? Buffer.from(part) : part,
  );
  return Buffer.concat(parts).toString("utf8");
}
