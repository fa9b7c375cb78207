import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings, SmarthostRoute } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { partnerTransport } from "./shared-domains.ts";

const implicitTlsPort = 465;

/** The transport that leads to a smarthost; port 465 speaks TLS from the first byte (RFC 8314 §3.3). */
function transportTo(smarthost: SmarthostRoute): string {
  return `${isImplicitTls(smarthost) ? "mailstead-smtps" : "smtp"}:${nextHop(smarthost)}`;
}

/** The same for a smarthost that is chosen by the receiver: there the sender's own password must not be looked up. */
export function destinationTransportTo(smarthost: SmarthostRoute): string {
  return `mailstead-smarthost${isImplicitTls(smarthost) ? "s" : ""}:${nextHop(smarthost)}`;
}

function isImplicitTls({ port }: SmarthostRoute): boolean {
  return port === implicitTlsPort;
}

function nextHop(smarthost: SmarthostRoute): string {
  return `[${smarthost.host}]:${smarthost.port}`;
}

/** Every smarthost that the receiver decides about, used or not. */
export function destinationSmarthosts({ destinations }: HostSettings): readonly SmarthostRoute[] {
  const { domains, providers, standby } = destinations;
  return [...domains, ...providers, { smarthost: standby }].flatMap(({ smarthost }) => smarthost ?? []);
}

/** Where mail goes that no sender's domain sends elsewhere. */
export function defaultTransport(settings: HostSettings): string {
  const forAll = settings.relays.find((relay) => relay.sendersOf === "*")?.smarthost;
  return forAll ? transportTo(forAll) : "smtp";
}

/** Says whether any relay wants a name and password, and whether these differ by sender. */
export function relayAuthentication(settings: HostSettings): "none" | "by-host" | "by-sender" {
  const withCredentials = settings.relays.filter((relay) => relay.smarthost?.credentials);
  if (withCredentials.length === 0) return "none";
  return withCredentials.some((relay) => relay.sendersOf !== "*") ? "by-sender" : "by-host";
}

/** Directly to the receiver's MX and without any password, whoever sends. */
export const directTransport = "mailstead-direct:";

/** Whether any mail leaves by the transport that offers no password. */
export function usesDirectTransport({ relays, destinations }: HostSettings): boolean {
  return (
    destinations.domains.some(({ smarthost }) => smarthost === null) ||
    relays.some(({ sendersOf, smarthost }) => sendersOf.includes("@") && !smarthost?.credentials)
  );
}

/** Whether any does so by the one that speaks TLS from the first byte. */
export function usesDirectTlsTransport({ relays }: HostSettings): boolean {
  return relays.some(
    ({ sendersOf, smarthost }) =>
      sendersOf.includes("@") && smarthost && isImplicitTls(smarthost) && !smarthost.credentials,
  );
}

/**
 * How mail of a sender leaves for a smarthost. Passwords are looked up by the sender's address and then by its domain, so
 * an address whose own smarthost wants none would show its domain's password to that one.
 */
function senderTransportTo(sender: string, smarthost: SmarthostRoute): string {
  if (!sender.includes("@") || smarthost.credentials) return transportTo(smarthost);
  return `mailstead-direct${isImplicitTls(smarthost) ? "s" : ""}:${nextHop(smarthost)}`;
}

/** A sender's domain or address, and the transport that its mail leaves by; null where that is the receiver's MX. */
export interface SenderRoute {
  readonly sender: string;
  readonly transport: string | null;
}

/** Where mail goes because of who sends it, except what a relay for all decides. */
export function senderRoutes(settings: HostSettings): readonly SenderRoute[] {
  const bySender = settings.relays.filter((relay) => relay.sendersOf !== "*");
  // What a person chose for a domain goes before what its servers are for.
  const through = settings.shares.outbound.filter(
    ({ domain }) => !bySender.some(({ sendersOf }) => sendersOf === domain),
  );
  return [
    ...bySender.map(({ sendersOf, smarthost }) => ({
      sender: sendersOf,
      transport: smarthost && senderTransportTo(sendersOf, smarthost),
    })),
    ...through.map(({ domain, through: hosts }) => ({
      sender: domain,
      transport: partnerTransport(...hosts),
    })),
  ];
}

/** Transport of each sender's domain or address, passwords, and the TLS that passwords demand. */
export function renderRelayTables(settings: HostSettings): readonly RenderedFile[] {
  const transports = senderRoutes(settings).map(
    // An address that is excluded may be of a domain that has a password.
    ({ sender, transport }) =>
      `${senderKey(sender)} ${transport ?? (sender.includes("@") ? directTransport : "smtp:")}`,
  );
  const passwords: string[] = [];
  const policies = new Map<string, string>();
  const demandTls = (smarthost: SmarthostRoute) => {
    // A password never travels in the clear, and only to the host that was meant: one whose certificate a CA of this
    // system vouches for. Where two relays share a smarthost, one that wants this is enough.
    const policy = smarthost.verifiesCertificate ? "secure match=nexthop" : "encrypt";
    if (policies.get(nextHop(smarthost))?.startsWith("secure") !== true)
      policies.set(nextHop(smarthost), policy);
  };
  for (const { sendersOf, smarthost } of settings.relays) {
    if (!smarthost?.credentials) continue;
    const key = sendersOf === "*" ? nextHop(smarthost) : senderKey(sendersOf);
    passwords.push(passwordLine(key, smarthost.credentials));
    demandTls(smarthost);
  }
  const smarthostPasswords = new Map<string, string>();
  for (const smarthost of destinationSmarthosts(settings)) {
    if (smarthost.credentials === null) continue;
    smarthostPasswords.set(nextHop(smarthost), passwordLine(nextHop(smarthost), smarthost.credentials));
    demandTls(smarthost);
  }
  const table = (name: string, lines: readonly string[]) =>
    stackFile("postfix", `${stackPaths.postfixTables}/${name}`, {
      content: fileNotice + lines.map((line) => `${line}\n`).join(""),
    });
  return [
    table("relay-transports", transports),
    table(
      "relay-tls-policies",
      [...policies].map(([hop, policy]) => `${hop} ${policy}`),
    ),
    { ...table("relay-passwords", passwords), mode: 0o600, isSecret: true },
    ...(smarthostPasswords.size === 0
      ? []
      : [
          {
            ...table("smarthost-passwords", [...smarthostPasswords.values()]),
            mode: 0o600,
            isSecret: true,
          },
        ]),
  ];
}

/** How sender tables name an address, or any address of a domain. */
function senderKey(sender: string): string {
  return sender.includes("@") ? sender : `@${sender}`;
}

function passwordLine(key: string, { username, password }: { username: string; password: string }): string {
  return `${key} ${username}:${password}`;
}
