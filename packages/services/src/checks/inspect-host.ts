import {
  type AddressFacts,
  type HostCheckFacts,
  type MailPort,
  mailPorts,
  type PortFacts,
} from "@mailstead/core/checks";
import { expandIpv6, reverseName } from "@mailstead/core/dns";
import type { StackSettings } from "@mailstead/core/servers";
import type { DnsView } from "../dns/index.ts";
import { probeMailPort } from "./probe-mail-port.ts";

export interface HostToInspect {
  hostname: string;
  addresses: readonly string[];
  ipFamilies: StackSettings["ipFamilies"];
  /** False before the stack is installed: then no port is looked at. */
  hasMail: boolean;
}

/** How the ports are looked at; other values than these only in tests. */
export interface Looking {
  listensOn: (port: MailPort) => number;
  probeName: string;
  ca?: string;
}

/** Looks at a server as receivers and mail programs meet it. Throws DnsQueryError when the resolver is silent. */
export async function inspectHost(
  host: HostToInspect,
  { view, now, looking }: { view: DnsView; now: Date; looking: Looking },
): Promise<HostCheckFacts> {
  const forward = await addressesOf(host.hostname, view);
  return {
    hostname: host.hostname,
    ipFamilies: host.ipFamilies,
    checkedAt: now,
    forwardAddresses: forward,
    addresses: await Promise.all(
      host.addresses.map((address) => inspectAddress(address, { host, view, looking })),
    ),
  };
}

async function inspectAddress(
  address: string,
  { host, view, looking }: { host: HostToInspect; view: DnsView; looking: Looking },
): Promise<AddressFacts> {
  const askedFor = reverseName(address);
  const [reverse, probed] = await Promise.all([
    view.answerOfAuthorities({ name: askedFor, type: "PTR" }),
    Promise.all(
      (host.hasMail ? mailPorts : []).map((port) => {
        const { probeName, ca } = looking;
        const target = {
          address,
          port,
          listensOn: looking.listensOn(port),
          hostname: host.hostname,
          probeName,
        };
        return probeMailPort(ca === undefined ? target : { ...target, ca });
      }),
    ),
  ]);
  const names =
    reverse.kind === "failed" ? null : reverse.kind === "none" ? [] : reverse.values.map(withoutDot);
  const confirmed = await Promise.all(
    (names ?? []).map(async (name) =>
      ((await addressesOf(name, view)) ?? []).some((one) => isSame(one, address)),
    ),
  );
  return {
    address,
    askedFor,
    reverseNames: names,
    confirmedNames: (names ?? []).filter((_, at) => confirmed[at]),
    isReachableFromHere: !probed.some((port) => "isWithoutRoute" in port && port.isWithoutRoute),
    ports: probed.map(
      (port): PortFacts =>
        port.kind === "open" ? port : { port: port.port, kind: port.kind, problem: port.problem },
    ),
  };
}

/** Null when the question failed for either family, because then nothing can be said of what is missing. */
async function addressesOf(name: string, view: DnsView): Promise<string[] | null> {
  const answers = await Promise.all((["A", "AAAA"] as const).map((type) => view.answer({ name, type })));
  if (answers.some(({ kind }) => kind === "failed")) return null;
  return answers.flatMap((answer) => (answer.kind === "found" ? [...answer.values] : []));
}

function isSame(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, "");
}
