import { clientSettings } from "../mailboxes/index.ts";
import type { PlannedRecord } from "./planned-record.ts";
import type { PlannedServer, RecordPlanInput } from "./record-plan-input.ts";

/**
 * By what mail programs find their settings (RFC 6186, RFC 8314 §5.1) when a person types only an address. All lead to
 * one server, the first that holds mailboxes: a program that is sent to another would find no mailbox there.
 */
export function clientRecords({ domain, servers }: RecordPlanInput): PlannedRecord[] {
  const home = servers.find(({ role = "mx" }) => role === "mx");
  if (home === undefined) return [];
  const { imap, submission, submissionWithStarttls, sieve } = clientSettings(domain, home.hostname);
  const web = home.serves?.web === true;
  return [
    ...(web ? [...autoconfigName(home, domain), ...autodiscoverName(home, domain)] : []),
    srvRecord(home, { domain, service: "_imaps", port: imap.port, use: "read mail over IMAP" }),
    srvRecord(home, { domain, service: "_submissions", port: submission.port, use: "send mail" }),
    srvRecord(home, {
      domain,
      service: "_submission",
      port: submissionWithStarttls.port,
      use: "send mail when they cannot begin with encryption",
    }),
    srvRecord(home, { domain, service: "_sieve", port: sieve.port, use: "change filter rules" }),
    ...(web ? [srvRecord(home, { domain, service: "_autodiscover", port: 443, use: "set up Outlook" })] : []),
    ...(home.serves?.calendars === true ? calendarRecords(home, domain) : []),
  ];
}

/** A name that leads to a host which serves files under it; none where the host itself is called so. */
export function webName(
  host: PlannedServer,
  { name, ...words }: Pick<PlannedRecord, "name" | "level" | "reason" | "withoutIt">,
): PlannedRecord[] {
  if (name === host.hostname) return [];
  return [
    {
      purpose: "web-name",
      name,
      type: "CNAME",
      value: host.hostname,
      ...words,
      publishedAt: "domain-dns",
      leadsTo: host.ipAddresses,
    },
  ];
}

function autoconfigName(host: PlannedServer, domain: string): PlannedRecord[] {
  return webName(host, {
    name: `autoconfig.${domain}`,
    level: "optional",
    reason: "Lets Thunderbird and others find their settings by the address alone.",
    withoutIt: "People type the names of the servers into their mail program themselves.",
  });
}

function autodiscoverName(host: PlannedServer, domain: string): PlannedRecord[] {
  return webName(host, {
    name: `autodiscover.${domain}`,
    level: "optional",
    reason: "Lets Outlook find its settings by the address alone.",
    withoutIt: "People type the names of the servers into Outlook themselves.",
  });
}

// RFC 6764 §3.
function calendarRecords(host: PlannedServer, domain: string): PlannedRecord[] {
  return [
    srvRecord(host, { domain, service: "_caldavs", port: 443, use: "find calendars" }),
    srvRecord(host, { domain, service: "_carddavs", port: 443, use: "find contacts" }),
  ];
}

function srvRecord(
  { hostname }: PlannedServer,
  { domain, service, port, use }: { domain: string; service: string; port: number; use: string },
): PlannedRecord {
  return {
    purpose: "srv",
    name: `${service}._tcp.${domain}`,
    type: "SRV",
    value: `0 1 ${port} ${hostname}`,
    level: "optional",
    reason: `Tells programs that ask for it where to ${use}.`,
    withoutIt: "Mail flows all the same; these programs guess, or ask the person who sets them up.",
    publishedAt: "domain-dns",
  };
}
