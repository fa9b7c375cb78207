import type { RenderedStack, StackService } from "@mailstead/core/converge";
import { cutText } from "@mailstead/core/text";
import { resolverProblem } from "../observe/resolver.ts";
import { readUnits } from "../observe/units.ts";
import type { Host } from "../platform/host.ts";
import type { PortQuestion } from "../platform/probe-port.ts";
import { lastWords } from "../platform/run-command.ts";

/** Units of a service, in starting order. */
export function unitsOf(stack: RenderedStack, service: StackService): string[] {
  return stack.units.flatMap((entry) => (entry.service === service ? [entry.unit] : []));
}

// A service that reloads serves at once; the rest is for a host that is busy.
const settleWithinMs = 30_000;
const pollEveryMs = 150;

export interface ServiceQuestion {
  service: StackService;
  units: readonly string[];
  /** How long it may take to come up. */
  patienceMs?: number;
}

/**
 * Waits until a service's units run and it answers as a client would see it; null when it does, else a sentence about
 * what is wrong. Units that are not to run yet are not asked for.
 */
export async function serviceProblem(
  host: Host,
  { service, units, patienceMs = settleWithinMs }: ServiceQuestion,
): Promise<string | null> {
  const deadline = host.nowUnixMs() + patienceMs;
  for (;;) {
    const problem = (await unitProblem(host, units)) ?? (await probeProblem(host, service));
    if (problem === null) return null;
    if (host.nowUnixMs() >= deadline) return problem;
    await new Promise((resolve) => setTimeout(resolve, pollEveryMs));
  }
}

async function unitProblem(host: Host, units: readonly string[]): Promise<string | null> {
  const states = await readUnits(host, units);
  for (const unit of units) {
    const state = states[unit];
    if (state?.isActive !== true) return `${unit} is ${state?.isFailed ? "failing" : "not running"}`;
  }
  return null;
}

interface Probe extends PortQuestion {
  /** What it must say. */
  says: RegExp;
  /** What it must not say. */
  saysNot?: RegExp;
}

// A table or a restriction that Postfix cannot use shows only when a recipient is named: 4.3.0 and 4.3.5 (RFC 3463 §3.4).
// The recipient need not exist; a bare postmaster would be let through without a look at any restriction.
const smtpProbe = {
  commands: ["EHLO localhost", "MAIL FROM:<>", "RCPT TO:<mailstead-probe@localhost>", "QUIT"],
  says: /^220[ -]/,
  saysNot: /^4\d\d 4\.3\.\d.*$/m,
} as const;

// A request that names no host is misdirected, which nginx alone can say (RFC 9110 §15.5.20).
const webProbe = { request: "GET / HTTP/1.0\r\n\r\n", says: /^HTTP\/1\.[01] 421/ } as const;

// What each service must answer on the loopback before it counts as serving.
const probes: Partial<Record<StackService, readonly Probe[]>> = {
  postfix: [
    { port: 25, ...smtpProbe },
    { port: 587, ...smtpProbe },
  ],
  dovecot: [{ port: 993, says: /^\* OK/, isTls: true }],
  nginx: [
    { port: 80, ...webProbe },
    { port: 443, isTls: true, ...webProbe },
  ],
  rspamd: [{ port: 11334, says: /^HTTP\/1\.[01] 200/, request: "GET /ping HTTP/1.0\r\n\r\n" }],
};

async function probeProblem(host: Host, service: StackService): Promise<string | null> {
  if (service === "knot") return knotProblem(host);
  if (service === "resolver") return resolverProblem(host);
  for (const { says, saysNot, ...question } of probes[service] ?? []) {
    const { text, problem } = await host.probe(question);
    const wrong = saysNot?.exec(text)?.[0];
    if (wrong !== undefined) return `${service} answers "${wrong.trim()}" on port ${question.port}`;
    if (!says.test(text))
      return `${service} does not serve on port ${question.port}: ${problem ?? `it said "${cutText(text, 100).trim()}"`}`;
  }
  return null;
}

// A secondary may wait for its primary; what a host is the primary of it must have read itself.
const unreadZone = /^\[(\S+?)\.?\] role: master \| serial: (?:-|none)/m;

/** Knot listens on no loopback, so it is asked through its control socket whether it runs and has its zones. */
async function knotProblem(host: Host): Promise<string | null> {
  const result = await host.run(["knotc", "zone-status"]);
  if (result.exitCode !== 0) return `knot does not answer on its control socket: ${lastWords(result)}`;
  const unread = unreadZone.exec(result.stdout)?.[1];
  return unread === undefined ? null : `knot has not read the zone ${unread}`;
}
