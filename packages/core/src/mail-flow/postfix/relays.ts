import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings, RelayRoute } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { partnerTransport } from "./shared-domains.ts";

const implicitTlsPort = 465;

type Smarthost = NonNullable<RelayRoute["smarthost"]>;

/** The transport that leads to a smarthost; port 465 speaks TLS from the first byte (RFC 8314 §3.3). */
function transportTo(smarthost: Smarthost): string {
  const transport = smarthost.port === implicitTlsPort ? "mailstead-smtps" : "smtp";
  return `${transport}:${nextHop(smarthost)}`;
}

function nextHop(smarthost: Smarthost): string {
  return `[${smarthost.host}]:${smarthost.port}`;
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

/** Transport of each sender's domain, passwords, and the TLS that passwords demand. */
export function renderRelayTables(settings: HostSettings): readonly RenderedFile[] {
  const bySender = settings.relays.filter((relay) => relay.sendersOf !== "*");
  // What a person chose for a domain goes before what its servers are for.
  const through = settings.shares.outbound.filter(
    ({ domain }) => !bySender.some(({ sendersOf }) => sendersOf === domain),
  );
  const transports = [
    ...bySender.map(
      (relay) => `@${relay.sendersOf} ${relay.smarthost ? transportTo(relay.smarthost) : "smtp:"}`,
    ),
    ...through.map(({ domain, through: hosts }) => `@${domain} ${partnerTransport(...hosts)}`),
  ];
  const passwords: string[] = [];
  const policies = new Map<string, string>();
  for (const { sendersOf, smarthost } of settings.relays) {
    if (!smarthost?.credentials) continue;
    const { username, password } = smarthost.credentials;
    passwords.push(`${sendersOf === "*" ? nextHop(smarthost) : `@${sendersOf}`} ${username}:${password}`);
    // A password never travels in the clear, and only to the host that was meant: one whose certificate a CA of this
    // system vouches for. Where two relays share a smarthost, one that wants this is enough.
    const policy = smarthost.verifiesCertificate ? "secure match=nexthop" : "encrypt";
    if (policies.get(nextHop(smarthost))?.startsWith("secure") !== true)
      policies.set(nextHop(smarthost), policy);
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
  ];
}
