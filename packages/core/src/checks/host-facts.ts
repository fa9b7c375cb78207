import type { StackSettings } from "../servers/index.ts";
import type { ListedSubject } from "./block-lists.ts";
import type { CertificateFacts } from "./certificate-facts.ts";
import type { RouteOrigin } from "./judge-routes.ts";
import type { TlsFacts } from "./judge-tls.ts";
import type { HostInside } from "./judge-upkeep.ts";
import type { ShownRecords } from "./shown-records.ts";

export const mailPorts = [25, 465, 587, 993] as const;
export type MailPort = (typeof mailPorts)[number];

/** What a stranger meets at one port of one address. */
export type PortFacts = { port: MailPort } & (
  | {
      kind: "open";
      /** The name in the greeting; null where the protocol has none. */
      greetingName: string | null;
      /** It greeted this machine with a refusal, so that nothing else was tried. */
      isTurnedAway?: true;
      /** What was shown in TLS; null when TLS was not offered or failed. */
      certificate: CertificateFacts | null;
      /** Why there was no TLS; null when there was. */
      tlsProblem: string | null;
      /** What the server said to a stranger's mail for another stranger; null where that was not tried. */
      relayReply: { isAccepted: boolean; text: string } | null;
      /** What it said to mail for addresses that must take some; empty where that was not tried. */
      recipients: readonly RecipientReply[];
    }
  /** refused: it says no. silent: nothing comes back, which may be the line between. */
  | { kind: "refused" | "silent"; problem: string }
);

export interface RecipientReply {
  address: string;
  /** deferred: it asks to come back, which says nothing of the address. */
  kind: "accepted" | "refused" | "deferred";
  text: string;
}

/** The page at the host's own name. */
export interface HostPage {
  where: string;
  /** Null when there is none, for the reason in `problem`. */
  certificate: CertificateFacts | null;
  problem: string | null;
  /** Whether its text says who is responsible; null where that could not be read. */
  namesResponsible: boolean | null;
}

export interface AddressFacts {
  address: string;
  /** Names that the address leads back to; null when nobody could be asked. */
  reverseNames: readonly string[] | null;
  /** Of those, the ones that lead to the address again. */
  confirmedNames: readonly string[];
  /** Where the names lead could not be asked, so that they are neither confirmed nor not. */
  isUnconfirmable?: true;
  /** Where the reverse name was asked for. */
  askedFor: string;
  /** False when this machine has no way to addresses of that family, which says nothing of the server. */
  isReachableFromHere: boolean;
  ports: readonly PortFacts[];
}

/** A server as receivers and mail programs meet it. */
export interface HostCheckFacts {
  hostname: string;
  ipFamilies: StackSettings["ipFamilies"];
  checkedAt: Date;
  addresses: readonly AddressFacts[];
  /** Addresses that the host name leads to; null when nobody could be asked. */
  forwardAddresses: readonly string[] | null;
  /** Of each port that was open, looked at through one address. */
  tls: readonly { where: string; facts: TlsFacts }[];
  /** What stands under _25._tcp and the host name; null when nobody could be asked. */
  tlsa: ShownRecords | null;
  /** Null where the host serves no web, or this machine has no way to it. */
  page: HostPage | null;
  /** What block lists say of the addresses; empty where none is asked. */
  listings: readonly ListedSubject[];
  /** How the addresses are announced; null where nobody is asked. One of which nothing was learnt is left out. */
  routes: readonly RouteOrigin[] | null;
  /** What its agent told of the host itself; null while there is no connection, because it may no longer be so. */
  inside: HostInside | null;
}
