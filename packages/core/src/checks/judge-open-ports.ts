import type { CheckFinding } from "../dns/index.ts";
import { type HostListeners, listensAt } from "../servers/index.ts";
import type { AddressFacts, MailPort, PortFacts } from "./host-facts.ts";

export type OpenPortFindingKind = "port-closed" | "port-silent" | "port-blocked" | "port-not-ours";

type Finding = CheckFinding<OpenPortFindingKind>;

interface PortLook {
  hostname: string;
  where: string;
  address: string;
  /** What the host says of its own ports; null when its agent has not told. */
  listeners: HostListeners | null;
}

const portWords: Record<MailPort, { what: string; why: string }> = {
  25: {
    what: "takes no mail",
    why: "Other mail servers cannot deliver to this address; their mail waits and comes back.",
  },
  465: {
    what: "takes no mail from mail programs (TLS)",
    why: "Mail programs that were set up with this port cannot send.",
  },
  587: {
    what: "takes no mail from mail programs",
    why: "Mail programs that were set up with this port cannot send.",
  },
  993: { what: "shows no mailboxes", why: "Mail programs cannot read mail." },
};

/** Judges a port that did not answer, by what the host itself says of it: a service that is down, or a wall in between. */
export function judgeClosedPort(
  look: PortLook,
  port: Exclude<PortFacts, { kind: "open" }>,
  { isAllSilent }: { isAllSilent: boolean },
): Finding {
  const { hostname, where } = look;
  const { what, why } = portWords[port.port];
  const listens = look.listeners === null ? null : listensAt(look.listeners, { ...look, port: port.port });
  const answer = port.kind === "refused" ? "the connection is refused" : "nothing answers";
  // Providers often block port 25 of the machine that looks, so silence of that one alone is no proof.
  const isDoubtful = port.kind === "silent" && port.port === 25 && !isAllSilent && listens !== false;
  const found = {
    about: where,
    sentence: `${hostname} ${what} on ${where}: ${answer}.`,
    evidence: [`${where}: ${port.problem}`, ...inside(listens, port.port)],
    why,
  };
  const kind = port.kind === "refused" ? "port-closed" : "port-silent";
  if (isDoubtful)
    return {
      ...found,
      kind,
      severity: "warning",
      fix: "Open port 25 in the server's firewall and at its provider; if it is open, the provider of the machine that Mailstead runs on blocks port 25, and this check cannot look through.",
    };
  if (listens === true)
    return {
      ...found,
      kind: "port-blocked",
      severity: "error",
      sentence: `${hostname} listens on port ${port.port}, and from outside ${answer} on ${where}.`,
      fix: `Open port ${port.port} (TCP) for the server in the firewall of its provider, and in its own if it has one: nft list ruleset shows that.`,
    };
  return {
    ...found,
    kind,
    severity: "error",
    fix:
      listens === false
        ? "No program listens there: look on the server's page which service does not run, start it, or apply the target state."
        : "Look on the server whether the service runs, and open the port in its firewall and at its provider.",
  };
}

/** Finds an answer that none of the host's programs can have given. */
export function judgeAnsweringPort(look: PortLook, port: MailPort): Finding[] {
  if (look.listeners === null || listensAt(look.listeners, { ...look, port })) return [];
  const { hostname, where } = look;
  return [
    {
      kind: "port-not-ours",
      about: where,
      severity: "warning",
      sentence: `Something answers on ${where}, and no program of ${hostname} listens on port ${port}.`,
      evidence: [`${where}: the connection is taken`, ...inside(false, port)],
      why: "Another machine, or a rule that passes the port on, stands in the place of the mail server: mail and passwords go there.",
      fix: "Find out who else has this address, and which rules pass the port on (nft list ruleset, and the load balancer or proxy of the provider).",
    },
  ];
}

function inside(listens: boolean | null, port: number): string[] {
  if (listens === null) return [];
  return [`the host's agent: ${listens ? "a program listens" : "no program listens"} on port ${port}`];
}

/** The port of an address as people write it. */
export function portAt({ address }: Pick<AddressFacts, "address">, port: MailPort): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
