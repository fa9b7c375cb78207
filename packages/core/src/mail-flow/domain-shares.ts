import type { DomainPartner, TargetDomain, TargetState } from "../servers/index.ts";
import { oneWord } from "./one-line.ts";
import { RenderError } from "./render-error.ts";

/** What a host has to do with other servers, because they share domains. */
export interface DomainShares {
  /** Domains whose mail is handed on, and the host name of the server that holds the mailboxes. */
  relayed: readonly { domain: string; home: string }[];
  /** Domains at home here whose mail leaves through other servers, and their host names in the order to try. */
  outbound: readonly { domain: string; through: readonly string[] }[];
  /** Domains whose home sends through this host. */
  sendsFor: readonly string[];
  /** Addresses of those homes. */
  sendingHomes: readonly string[];
  /** Addresses of every server that hands on what it has checked, or is handed it. */
  partners: readonly string[];
}

/** Whether the mailboxes of a domain are on this server. */
export function isAtHome({ share }: TargetDomain): boolean {
  return share === undefined || share.role === "home";
}

/** Reads the shares of all domains of a target state. Throws RenderError where a share names nobody to hand on to. */
export function readDomainShares({ domains }: TargetState): DomainShares {
  const relayed: { domain: string; home: string }[] = [];
  const outbound: { domain: string; through: string[] }[] = [];
  const sendsFor: string[] = [];
  const sendingHomes = new Set<string>();
  const partners = new Set<string>();
  for (const { name, share } of domains) {
    if (share === undefined) continue;
    const domain = oneWord(name, "A domain name");
    for (const other of share.others) for (const address of addressesOf(other)) partners.add(address);
    const through = share.others.filter(({ role, isLeaving = false }) => role === "outbound" && !isLeaving);
    if (share.role === "home") {
      if (through.length > 0) outbound.push({ domain, through: through.map(hostOf) });
      continue;
    }
    const home = share.others.find(({ role }) => role === "home");
    if (home === undefined)
      throw new RenderError(
        `No server holds the mailboxes of ${domain}, so its mail could not be handed on.`,
      );
    relayed.push({ domain, home: hostOf(home) });
    if (share.role !== "outbound") continue;
    sendsFor.push(domain);
    for (const address of addressesOf(home)) sendingHomes.add(address);
  }
  return { relayed, outbound, sendsFor, sendingHomes: [...sendingHomes], partners: [...partners] };
}

function hostOf({ hostname }: DomainPartner): string {
  return oneWord(hostname, "A host name");
}

function addressesOf({ ipAddresses }: DomainPartner): string[] {
  return ipAddresses.map((address) => oneWord(address, "An address"));
}
