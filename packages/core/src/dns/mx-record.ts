import { ipBits } from "./ip-bits.ts";
import { attention, different, type RecordJudgement, rightAsIs } from "./record-judgement.ts";

export interface MailHosts {
  /** Every planned mail host of the domain. */
  ours: readonly string[];
  /** Those of them that only stand in for the others. */
  backups?: readonly string[];
  /** Hosts of ours whose name is only an alias (CNAME), with the name that it stands for. */
  aliases: ReadonlyMap<string, string>;
}

export interface Mx {
  preference: number;
  host: string;
}

/**
 * Judges the MX records of a domain for one planned host. What others take of its mail is said once, at the host of
 * ours that is asked first.
 */
export function judgeMx(planned: string, values: readonly string[], hosts: MailHosts): RecordJudgement {
  if (values.length === 0) return { kind: "missing" };
  const found = values.map(parseMx).sort((left, right) => left.preference - right.preference);
  const host = parseMx(planned).host;
  if (found.every((mx) => mx.host === ""))
    return different('the MX "." says that this domain takes no mail at all');
  // RFC 7505 §3: it must stand alone, and what stands beside it is read in different ways.
  if (found.some((mx) => mx.host === ""))
    return different(
      'the MX "." says that this domain takes no mail, and contradicts the others',
      "Some senders bring their mail, and others take this domain for one without any.",
    );
  const address = found.find((mx) => ipBits(mx.host) !== null);
  if (address !== undefined)
    return different(
      `an MX must name a host, and ${address.host} is an IP address, to which nobody delivers`,
      "Senders pass over what is no name of a host; mail that only it would take comes back to them.",
    );
  const backups = hosts.backups ?? [];
  const own = found.find((mx) => mx.host === host);
  // Mail arrives as long as one of ours is named.
  const isOneNamed = backups.includes(host) || found.some((mx) => hosts.ours.includes(mx.host));
  if (own === undefined && isOneNamed)
    return {
      kind: "missing",
      effect: backups.includes(host)
        ? "Senders keep the mail themselves while the other servers are away, and some give up after a day."
        : "All mail comes in by the other servers, and none of it by this one.",
    };
  if (own === undefined)
    return different(
      `mail for this domain goes to ${listed(found)} and not to ${host}`,
      "Mail for this domain is delivered elsewhere, and none of it comes in here.",
    );
  const alias = hosts.aliases.get(host);
  // RFC 2181 §10.3: an MX must not name an alias.
  if (alias !== undefined)
    return different(
      `${host} is only an alias (CNAME) of ${alias}, and some senders refuse to follow it`,
      "Mail of senders that do not follow an alias comes back to them.",
    );
  if (backups.includes(host)) {
    const main = found.filter((mx) => hosts.ours.includes(mx.host) && !backups.includes(mx.host));
    const passedOver = main.filter((mx) => mx.preference >= own.preference);
    if (passedOver.length > 0)
      return different(
        `mail goes to ${host} before ${listed(passedOver)}, though it is only to stand in`,
        "All mail takes the way over the server that stands in, and arrives later.",
      );
  }
  const ours = found.filter((mx) => mx.host === host || hosts.ours.includes(mx.host));
  const first = ours[0];
  return first === undefined || first.host !== host ? rightAsIs : judgeOthers(found, { ours, first });
}

function judgeOthers(
  found: readonly Mx[],
  { ours, first }: { ours: readonly Mx[]; first: Mx },
): RecordJudgement {
  const others = found.filter((mx) => !ours.includes(mx));
  const preferred = others.filter((mx) => mx.preference < first.preference);
  if (preferred.length > 0)
    return different(
      `mail goes to ${listed(preferred)} first, which is preferred to ${first.host}`,
      "Mail is delivered elsewhere, and comes in here only while that does not answer.",
    );
  const equal = others.filter((mx) => mx.preference === first.preference);
  if (equal.length > 0)
    return different(
      `a part of the mail goes to ${listed(equal)}, which has the preference of ${first.host}`,
      "A part of the mail is delivered elsewhere and does not come in here.",
    );
  return others.length === 0
    ? rightAsIs
    : attention(
        `mail goes to ${listed(others)} when your server does not answer`,
        "Mail comes in here; while this server is away, the other takes it.",
      );
}

/** Reads an MX record; the null MX has no host. */
export function parseMx(value: string): Mx {
  const [preference = "", host = ""] = value.trim().split(/\s+/);
  return { preference: Number(preference), host: host.replace(/\.$/, "").toLowerCase() };
}

function listed(found: readonly Mx[]): string {
  return found.map((mx) => mx.host).join(", ");
}
