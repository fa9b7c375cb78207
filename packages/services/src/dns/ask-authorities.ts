import type { NameServerAnswer, PlannedRecord } from "@mailstead/core/dns";
import type { Answer } from "dns-packet";
import type { Authority } from "./find-authorities.ts";
import { DnsQueryError, queryNameServer } from "./query-name-server.ts";

// RFC 1035 §4.1.1: the response code is the low four bits of the flags.
const responseCodeMask = 0x0f;
const responseCode = { noError: 0, formatError: 1, serverFailure: 2, noSuchName: 3, refused: 5 } as const;

type AskedType = PlannedRecord["type"];

/** Asks each authority for a name and gives what each said, never throwing: a silent server is an answer of its own. */
export function askAuthorities(
  authorities: readonly Authority[],
  question: { name: string; type: AskedType },
): Promise<NameServerAnswer[]> {
  return Promise.all(authorities.map((authority) => askAuthority(authority, question)));
}

async function askAuthority(
  authority: Authority,
  question: { name: string; type: AskedType },
): Promise<NameServerAnswer> {
  const who = { nameServer: authority.name, address: authority.address };
  try {
    const reply = await queryNameServer(authority, question);
    const code = (reply.flags ?? 0) & responseCodeMask;
    if (code !== responseCode.noError && code !== responseCode.noSuchName)
      return { ...who, kind: "failed", problem: `${authority.name} answered ${nameOfCode(code)}` };
    return { ...who, kind: "answered", values: valuesOf(reply.answers ?? [], question.type) };
  } catch (cause) {
    if (!(cause instanceof DnsQueryError)) throw cause;
    return { ...who, kind: "failed", problem: `${authority.name}: ${cause.message}` };
  }
}

function nameOfCode(code: number): string {
  switch (code) {
    case responseCode.formatError:
      return "FORMERR";
    case responseCode.serverFailure:
      return "SERVFAIL";
    case responseCode.refused:
      return "REFUSED";
    default:
      return `error code ${code}`;
  }
}

function valuesOf(answers: readonly Answer[], type: AskedType): string[] {
  return answers.filter((answer) => answer.type === type).map(presentation);
}

function presentation(answer: Answer): string {
  switch (answer.type) {
    case "A":
    case "AAAA":
    case "PTR":
      return answer.data;
    case "MX":
      return `${answer.data.preference ?? 0} ${answer.data.exchange}`;
    case "TXT":
      return textOf(answer.data);
    default:
      return "";
  }
}

function textOf(data: string | Buffer | (string | Buffer)[]): string {
  return (Array.isArray(data) ? data : [data])
    .map((part) => (typeof part === "string" ? part : part.toString("utf8")))
    .join("");
}
