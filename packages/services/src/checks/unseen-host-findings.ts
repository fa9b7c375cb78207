import {
  type HostCheckFacts,
  isUntoldOfUpkeep,
  type TlsFacts,
  type TlsFindingKind,
} from "@mailstead/core/checks";
import { isBehindPort } from "./is-behind-port.ts";

/**
 * Keys of findings that a check could say nothing about, which it neither opens nor closes: a reverse name that nobody
 * could be asked for, an address that we have no way to, what is behind a port that did not open, a version of TLS whose
 * connection broke off, what an agent without a connection would know.
 */
export function unseenIn(
  facts: HostCheckFacts,
  { domains }: { domains: readonly string[] },
): (key: string) => boolean {
  const unasked = facts.addresses
    .filter(({ reverseNames }) => reverseNames === null)
    .map(({ address }) => address);
  const unconfirmable = facts.addresses
    .filter(({ isUnconfirmable }) => isUnconfirmable === true)
    .map(({ address }) => address);
  const unreached = facts.addresses
    .filter(({ isReachableFromHere }) => !isReachableFromHere)
    .map(({ address }) => address);
  const answered = new Set(
    facts.addresses.flatMap(({ ports }) =>
      ports.flatMap((port) =>
        port.kind === "open"
          ? port.recipients.filter(({ kind }) => kind !== "deferred").map(({ address }) => address)
          : [],
      ),
    ),
  );
  return (key) =>
    unasked.some((address) => key.startsWith("ptr-") && key.endsWith(` ${address}`.toLowerCase())) ||
    unreached.some((address) => key.includes(`[${address}]:`.toLowerCase())) ||
    (facts.forwardAddresses === null && key.startsWith("host-address-missing ")) ||
    unconfirmable.some((address) => key === `ptr-unconfirmed ${address}`.toLowerCase()) ||
    (unasked.length + unconfirmable.length > 0 && key.startsWith("prefer-ipv4 ")) ||
    isBehindPort(key, facts) ||
    (facts.tlsa === null && key.startsWith("tlsa-mismatch ")) ||
    isUnknownOf(key, facts) ||
    isUntried(key, { answered, domains }) ||
    isUntoldOfTls(key, facts.tls) ||
    isUntoldOfUpkeep(key.split(" ")[0] ?? "", facts.inside);
}

/** A list or a register that did not answer says nothing; one that is asked no more says that nothing is found. */
function isUnknownOf(key: string, { listings, routes, addresses }: HostCheckFacts): boolean {
  const [kind = "", about = "", list = ""] = key.split(" ");
  if (kind === "block-listed")
    return listings.some(
      (one) => one.subject.toLowerCase() === about && one.list === list && one.listing.kind === "unknown",
    );
  if (!kind.startsWith("rpki-") || routes === null) return false;
  const isOurs = addresses.some(({ address }) => address.toLowerCase() === about);
  return isOurs && !routes.some(({ address }) => address.toLowerCase() === about);
}

/** Domains take turns, and one that was asked to come back says nothing. */
function isUntried(
  key: string,
  { answered, domains }: { answered: ReadonlySet<string>; domains: readonly string[] },
): boolean {
  const [, address, domain = ""] = /^role-address-refused (\S+@(\S+))$/.exec(key) ?? [];
  return address !== undefined && domains.includes(domain) && !answered.has(address);
}

const toldBy: Record<TlsFindingKind, keyof TlsFacts> = {
  "tls-old": "oldVersion",
  "tls-12-missing": "hasTls12",
  "tls-13-missing": "hasTls13",
  "tls-weak-cipher": "weakCipher",
  "tls-compression": "compresses",
  "tls-renegotiation": "renegotiates",
  "tls-early-data": "earlyDataMaxBytes",
  "tls-weak-exchange": "primeBits",
  "tls-master-secret": "hasExtendedMasterSecret",
};

function isUntoldOfTls(key: string, tls: HostCheckFacts["tls"]): boolean {
  const [kind = "", about = ""] = key.split(" ");
  const fact = Object.entries(toldBy).find(([name]) => name === kind)?.[1];
  if (fact === undefined) return false;
  const facts = tls.find(({ where }) => where.toLowerCase() === about)?.facts;
  return facts === undefined || facts[fact] === null;
}
