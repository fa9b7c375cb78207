import { isDelegatedTo } from "./judge-signers.ts";
import { type Delegation, planDelegation, type SeenDelegation, signerText } from "./plan-delegation.ts";

/** A server of a zone, with the name that the zone knows it by. */
export interface ZoneHost {
  serverId: string;
  serverName: string;
  hostname: string;
  nameServer: string;
  addresses: readonly string[];
}

export interface PromotionPlan {
  /** The secondary, which signs from then on. */
  primary: ZoneHost;
  /** Who follows it. */
  secondary: ZoneHost;
  /** What has to stand above the zone afterwards; its DS record is known once the new primary has made its keys. */
  delegation: Delegation;
  /** none: no DS record stands above the zone. standing: one does, and it leads to keys that are lost. */
  signers: "none" | "standing" | "unknown";
  /** What is left to do by hand, in this order; the first is done before the promotion. */
  steps: string[];
  /** What speaks against doing it now. Null when nothing does. */
  warning: string | null;
}

/**
 * Plans that a zone's secondary takes the place of its primary and another server the place of the secondary. The keys
 * were made on the primary and stay there, so the new one signs with its own: a DS record that leads to the old ones
 * must be away, and forgotten by caches, before (RFC 6781 §4.3.5).
 */
export function planPromotion(input: {
  zone: string;
  primary: ZoneHost;
  secondary: ZoneHost;
  /** Who becomes the secondary; the old primary itself, when it may come back. */
  follower: Omit<ZoneHost, "nameServer">;
  /** What the world showed when it was last asked; null when it never was. */
  seen: SeenDelegation | null;
}): PromotionPlan {
  const { zone, primary, secondary, seen } = input;
  const follower = { ...input.follower, nameServer: nameOf(input.follower, primary) };
  const nameServers = [secondary, follower].map(({ nameServer: name, addresses }) => ({ name, addresses }));
  const delegation = planDelegation({ zone, nameServers, signers: [] });
  const signers = signersOf(seen);
  const isPrimaryAnswering =
    seen?.servers.some(({ nameServer, problem }) => nameServer === primary.nameServer && problem === null) ===
    true;
  const before = planDelegation({ zone, nameServers: [primary, secondary].map(asNameServer), signers: [] });
  return {
    primary: secondary,
    secondary: follower,
    delegation,
    signers,
    steps: [
      ...signerSteps(zone, { signers, seen }),
      ...nameServerSteps(zone, { before, after: delegation }),
      `When both name servers show the same version, set the new DS record, which the page of ${zone} shows then.`,
    ],
    warning: isPrimaryAnswering
      ? `${primary.serverName} answered for ${zone} when it was last asked. Its keys are given up by this; while it can be mended, nothing has to change.`
      : seen !== null && !isDelegatedTo(before, seen)
        ? `The world does not ask these name servers for ${zone} yet, so nothing is urgent.`
        : null,
  };
}

const asNameServer = ({ nameServer: name, addresses }: ZoneHost) => ({ name, addresses });

/** A name that was only lent to the old primary, like ns1 in the zone, goes on to the next; a host's own name does not. */
function nameOf(follower: Omit<ZoneHost, "nameServer">, primary: ZoneHost): string {
  const isLent = primary.nameServer !== primary.hostname;
  return isLent || follower.serverId === primary.serverId ? primary.nameServer : follower.hostname;
}

function signersOf(seen: SeenDelegation | null): PromotionPlan["signers"] {
  if (seen === null || seen.signers === null) return "unknown";
  return seen.signers.length === 0 ? "none" : "standing";
}

function signerSteps(
  zone: string,
  { signers, seen }: { signers: PromotionPlan["signers"]; seen: SeenDelegation | null },
): string[] {
  switch (signers) {
    case "none":
      return [
        `If a DS record of ${zone} was taken away within the last day, wait until that day is over: resolvers remember it, and who validates would get no answer.`,
      ];
    case "standing":
      return [
        `First take away the DS record of ${zone} where the domain is registered (${(seen?.signers ?? []).map(signerText).join(" and ")}), and wait for its time to live; a day is safe. It leads to keys that are lost with the primary, and who validates would get no answer.`,
      ];
    case "unknown":
      return [
        `Nobody above ${zone} could be asked for its DS record. If one stands where the domain is registered, take it away first, and wait a day.`,
      ];
  }
}

function nameServerSteps(
  zone: string,
  { before, after }: { before: Delegation; after: Delegation },
): string[] {
  const isSame = (one: readonly string[], other: readonly string[]) =>
    one.toSorted().join() === other.toSorted().join();
  const glueOf = ({ glue }: Delegation) =>
    glue.flatMap(({ name, addresses }) => addresses.map((address) => `${name} ${address}`));
  return [
    ...(isSame(before.nameServers, after.nameServers)
      ? []
      : [
          `Set the name servers of ${zone} to ${after.nameServers.join(" and ")} where the domain is registered.`,
        ]),
    ...(isSame(glueOf(before), glueOf(after))
      ? []
      : [
          `Set the addresses of the name servers (glue) where the domain is registered: ${glueOf(after).join(", ") || "none"}.`,
        ]),
  ];
}
