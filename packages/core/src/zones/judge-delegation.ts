import { judgeSigners } from "./judge-signers.ts";
import type { Delegation, DelegationStep, SeenDelegation } from "./plan-delegation.ts";

/**
 * The way from a zone that is served to one that the world believes, in the order in which it must be gone: a DS
 * record that comes before the name servers answer with signatures takes the whole zone off the net.
 */
export function judgeDelegation(zone: string, wanted: Delegation, seen: SeenDelegation): DelegationStep[] {
  return [
    judgeAnswers(zone, wanted, seen),
    judgeSerials(zone, seen),
    judgeNameServers(zone, wanted, seen),
    ...(wanted.glue.length > 0 ? [judgeGlue(zone, wanted, seen)] : []),
    judgeSigners(zone, wanted, seen),
  ];
}

function judgeAnswers(zone: string, wanted: Delegation, { servers }: SeenDelegation): DelegationStep {
  const silent = servers.filter(({ problem }) => problem !== null);
  const evidence = servers.map(
    ({ nameServer, address, serial, problem }) =>
      `${nameServer} (${address}): ${problem ?? `version ${serial ?? "unknown"}`}`,
  );
  if (servers.length === 0)
    return {
      kind: "answers",
      state: "unknown",
      sentence: `No name server of ${zone} has an address yet.`,
      evidence,
    };
  if (silent.length === 0)
    return { kind: "answers", state: "done", sentence: `Both name servers answer for ${zone}.`, evidence };
  return {
    kind: "answers",
    state: silent.length === servers.length ? "todo" : "wrong",
    sentence: silenceOf(zone, wanted, servers),
    evidence,
  };
}

/** What each kind of silence means, and what mends it. */
function silenceOf(zone: string, wanted: Delegation, servers: SeenDelegation["servers"]): string {
  const silent = servers.filter(({ problem }) => problem !== null);
  const who = [
    ...new Set(
      silent.map(({ nameServer, address }) =>
        servers.some((one) => one.nameServer === nameServer && one.problem === null)
          ? `${nameServer} at ${address}`
          : nameServer,
      ),
    ),
  ];
  const verb = who.length === 1 ? "does" : "do";
  const [primary, secondary] = wanted.nameServers;
  if (silent.every(({ hasNoCopy }) => hasNoCopy === true))
    return who.length === 1 && who[0] === secondary
      ? `${names(who)} is reached and has no copy of ${zone}: ${primary} does not hand the zone to it, or its copy has expired. Look at the last job of both servers, and whether ${primary} takes TCP on port 53 from it.`
      : `${names(who)} ${verb === "does" ? "is" : "are"} reached and ${verb} not serve ${zone}; look at the server's last job.`;
  if (who.length === 1 && who[0] === primary && who.length < wanted.nameServers.length)
    return `${primary}, the primary of ${zone}, does not answer. ${secondary} answers alone, for 14 days from its last update on, and no change reaches the world. Look at the server, and whether port 53 is open over UDP and TCP.`;
  return `${names(who)} ${verb} not answer for ${zone}; look at the server's last job, and whether port 53 is open over UDP and TCP.`;
}

function judgeSerials(zone: string, { servers }: SeenDelegation): DelegationStep {
  const known = servers.filter(({ serial }) => serial !== null);
  const evidence = known.map(
    ({ nameServer, address, serial }) => `${nameServer} (${address}): version ${serial}`,
  );
  const serials = new Set(known.map(({ serial }) => serial));
  if (new Set(known.map(({ nameServer }) => nameServer)).size < 2)
    return {
      kind: "same-serial",
      state: "unknown",
      sentence: `Whether the name servers of ${zone} hold the same version is known once both answer.`,
      evidence,
    };
  return serials.size === 1
    ? { kind: "same-serial", state: "done", sentence: `Both hold the same version of ${zone}.`, evidence }
    : {
        kind: "same-serial",
        state: "wrong",
        sentence: `The name servers hold different versions of ${zone}; if that lasts longer than some minutes, the secondary no longer gets updates.`,
        evidence,
      };
}

function judgeNameServers(
  zone: string,
  wanted: Delegation,
  { nameServers, saidBy }: SeenDelegation,
): DelegationStep {
  if (nameServers === null)
    return {
      kind: "name-servers",
      state: "unknown",
      sentence: `Nobody above ${zone} could be asked which name servers it has.`,
      evidence: [],
    };
  const evidence = [`${saidBy ?? "the zone above"}: ${nameServers.join(", ") || "no name servers"}`];
  const found = sorted(nameServers);
  const want = sorted(wanted.nameServers);
  if (found.join() === want.join())
    return {
      kind: "name-servers",
      state: "done",
      sentence: `The zone above names ${names(want)} for ${zone}.`,
      evidence,
    };
  return {
    kind: "name-servers",
    state: found.length === 0 ? "todo" : "wrong",
    sentence: `Set the name servers of ${zone} to ${names(wanted.nameServers)}, and no others, where the domain is registered.`,
    evidence,
  };
}

function judgeGlue(
  zone: string,
  wanted: Delegation,
  { nameServers, glue, saidBy }: SeenDelegation,
): DelegationStep {
  if (nameServers === null)
    return {
      kind: "glue",
      state: "unknown",
      sentence: `Nobody above ${zone} could be asked for its glue.`,
      evidence: [],
    };
  const above = saidBy ?? "the zone above";
  const evidence =
    glue.length === 0
      ? [`${above}: no address of a name server of ${zone}`]
      : glue.map(({ name, address }) => `${above}: ${name} ${address}`);
  const shown = new Set(glue.map(({ name, address }) => `${name.toLowerCase()} ${canonical(address)}`));
  const missing = wanted.glue.flatMap(({ name, addresses }) =>
    addresses
      .filter((address) => !shown.has(`${name} ${canonical(address)}`))
      .map((address) => `${name} ${address}`),
  );
  const expected = new Set(
    wanted.glue.flatMap(({ name, addresses }) => addresses.map((address) => `${name} ${canonical(address)}`)),
  );
  const own = new Set(wanted.glue.map(({ name }) => name));
  const stale = [...shown].filter((entry) => own.has(entry.split(" ")[0] ?? "") && !expected.has(entry));
  if (missing.length === 0 && stale.length === 0)
    return {
      kind: "glue",
      state: "done",
      sentence: `The addresses of the name servers stand above ${zone}.`,
      evidence,
    };
  return {
    kind: "glue",
    state: stale.length > 0 ? "wrong" : "todo",
    sentence:
      missing.length > 0
        ? `Set the addresses of the name servers (glue) where the domain is registered: ${missing.join(", ")}.`
        : `Take away the old addresses of the name servers (glue) where the domain is registered: ${stale.join(", ")}.`,
    evidence,
  };
}

function sorted(list: readonly string[]): string[] {
  return [...new Set(list.map((name) => name.toLowerCase()))].sort();
}

function names(list: readonly string[]): string {
  return [...new Set(list)].join(" and ");
}

/** Addresses compare by what they mean; hexadecimal in lower case is all that name servers differ in here. */
function canonical(address: string): string {
  return address.toLowerCase();
}
