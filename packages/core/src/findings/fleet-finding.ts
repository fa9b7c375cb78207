import { type ProviderId, providers, type ReplyCategory, replyCategories } from "../delivery/index.ts";
import { clockWords, momentMark } from "../text/index.ts";
import type { DeliveryFinding } from "./delivery-finding.ts";
import type { FleetCause } from "./finding-details.ts";
import { adviceFor, measureFor } from "./fix-steps.ts";
import type { FleetEvent } from "./fleet-event.ts";

/** Begins the key of every finding about many servers at once. */
export const fleetFindingPrefix = "fleet-";

/** Whatever the receiver's reply says, many servers are another thing to do than one. */
export const fleetRunbook = "receivers.md#many-servers-at-once";

/** What makes the same event of two looks one finding. */
export function fleetKeyOf(category: ReplyCategory, provider: ProviderId): string {
  return `${fleetFindingPrefix}${category} ${provider}`;
}

const causes: Readonly<Record<FleetCause, { why: string; steps: readonly string[] }>> = {
  "their-change": {
    why: "It struck most of the fleet, over customers and networks that have nothing in common, so the receiver has changed something.",
    steps: [
      "Change nothing on the servers: what they have in common is the receiver.",
      "Look at the receiver's status page and at what other senders say.",
      "Write to its postmaster with the reply and the time below.",
    ],
  },
  "our-network": {
    why: "It struck the servers of one network and no other, so the receiver holds the network's neighbours against them.",
    steps: [
      "Ask the provider of that network whether a neighbour sends spam, with the reply below.",
      "Send this receiver's mail of these servers through a relay until it is lifted.",
    ],
  },
  "our-customer": {
    why: "It struck the servers of one customer and no other, so the cause lies in what that customer sends.",
    steps: [
      "Look what the customer has sent since it began: a mailing, a guessed password, a form on a web site.",
    ],
  },
  "our-change": {
    why: "It struck the servers that were changed within the day before, and no other.",
    steps: [
      "Look in the jobs what was changed on them, and take it back on one server first.",
      "If mail goes through there again, take it back on all.",
    ],
  },
  unknown: {
    why: "Nothing tells these servers apart from others that write there without trouble, so nobody can be told to be the cause.",
    steps: ["Begin with one of the servers as if it stood alone; what helps there helps the others."],
  },
};

const allStruck =
  "It struck every server that writes there, so there is none without trouble to compare them with, and nobody can be told to be the cause.";

/** Puts an event of many servers into words, for the whole organisation. */
export function findingOfFleet(
  { category, provider }: { category: ReplyCategory; provider: ProviderId },
  event: FleetEvent,
  {
    reply,
    serverNames,
    isRefused,
  }: { reply: string | null; serverNames: readonly string[]; isRefused: boolean },
): DeliveryFinding {
  const { severity, owner } = replyCategories[category];
  const { why, steps } = causes[event.cause];
  const verb = category === "rate-limit" ? "slow down" : isRefused ? "refuse" : "defer";
  return {
    severity: severity === "minor" ? "warning" : "error",
    sentence: `${providers[provider].title} began to ${verb} ${event.serverIds.length} servers at ${clockWords(new Date(event.beganAt))}.`,
    details: {
      category,
      provider,
      owner:
        event.cause === "their-change" ? "them" : event.cause === "our-network" ? "server-provider" : owner,
      why: event.cause === "unknown" && event.serverIds.length === event.activeServers ? allStruck : why,
      evidence: [
        `${event.serverIds.length} of ${event.activeServers} servers that write there, the first at ${momentMark(event.beganAt)}`,
        `servers: ${serverNames.join(", ")}`,
      ],
      fix: {
        steps: event.cause === "unknown" ? [...steps, ...adviceFor(category, provider).steps] : [...steps],
        measure: event.cause === "their-change" ? null : measureFor(category, provider),
      },
      runbook: fleetRunbook,
      reply,
      figures: null,
      fleet: { cause: event.cause, serverIds: [...event.serverIds], activeServers: event.activeServers },
    },
  };
}
