import type { ZoneNameServer } from "./hosted-zone.ts";
import { isInZone } from "./zone-record.ts";

/** A DS record (RFC 4034 §5): the digest of a key, for the zone above. */
export interface DelegationSignerRecord {
  keyTag: number;
  algorithm: number;
  digestType: number;
  /** Upper case hexadecimal. */
  digest: string;
}

/** What has to be set at the registrar, or in the zone above, so that the world finds a zone and believes it. */
export interface Delegation {
  nameServers: readonly string[];
  /** Addresses to set there for name servers whose names lie inside the zone, which nobody could look up otherwise. */
  glue: readonly ZoneNameServer[];
  signers: readonly DelegationSignerRecord[];
}

/** What the zone above and the name servers showed when they were asked; null what nobody could be asked for. */
export interface SeenDelegation {
  nameServers: readonly string[] | null;
  glue: readonly { name: string; address: string }[];
  signers: readonly DelegationSignerRecord[] | null;
  /** Who answered for the zone above. */
  saidBy: string | null;
  servers: readonly { nameServer: string; address: string; serial: number | null; problem: string | null }[];
}

export type DelegationStepKind = "answers" | "name-servers" | "glue" | "same-serial" | "signers";

/** done: the world shows it. todo: it is missing. wrong: something else stands there. unknown: nobody could be asked. */
export interface DelegationStep {
  kind: DelegationStepKind;
  state: "done" | "todo" | "wrong" | "unknown";
  /** One sentence for a person. */
  sentence: string;
  evidence: readonly string[];
}

/** What a zone needs above it, from its name servers and the keys that its primary reported. */
export function planDelegation(input: {
  zone: string;
  nameServers: readonly ZoneNameServer[];
  signers: readonly DelegationSignerRecord[];
}): Delegation {
  return {
    nameServers: input.nameServers.map(({ name }) => name),
    glue: input.nameServers.filter(({ name }) => isInZone(name, input.zone)),
    signers: input.signers,
  };
}

/**
 * The way from a zone that is served to one that the world believes, in the order in which it must be gone: a DS
 * record that comes before the name servers answer with signatures takes the whole zone off the net.
 */
export function judgeDelegation(zone: string, wanted: Delegation, seen: SeenDelegation): DelegationStep[] {
  return [
    judgeAnswers(zone, seen),
    judgeSerials(zone, seen),
    judgeNameServers(zone, wanted, seen),
    ...(wanted.glue.length > 0 ? [judgeGlue(zone, wanted, seen)] : []),
    judgeSigners(zone, wanted, seen),
  ];
}

/** A DS record as it is pasted, and as a zone file writes it. */
export function signerText({ keyTag, algorithm, digestType, digest }: DelegationSignerRecord): string {
  return `${keyTag} ${algorithm} ${digestType} ${digest}`;
}

function judgeAnswers(zone: string, { servers }: SeenDelegation): DelegationStep {
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
  return silent.length === 0
    ? { kind: "answers", state: "done", sentence: `Both name servers answer for ${zone}.`, evidence }
    : {
        kind: "answers",
        state: silent.length === servers.length ? "todo" : "wrong",
        sentence: `${names(silent.map(({ nameServer }) => nameServer))} does not answer for ${zone}; look at the server's last job, and whether port 53 is open over UDP and TCP.`,
        evidence,
      };
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
  const evidence = glue.map(({ name, address }) => `${saidBy ?? "the zone above"}: ${name} ${address}`);
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

function judgeSigners(zone: string, wanted: Delegation, seen: SeenDelegation): DelegationStep {
  const { signers, saidBy } = seen;
  if (signers === null)
    return {
      kind: "signers",
      state: "unknown",
      sentence: `Nobody above ${zone} could be asked for its DS record.`,
      evidence: [],
    };
  const evidence = signers.map((signer) => `${saidBy ?? "the zone above"}: DS ${signerText(signer)}`);
  if (wanted.signers.length === 0)
    return {
      kind: "signers",
      state: signers.length === 0 ? "todo" : "wrong",
      sentence:
        signers.length === 0
          ? `The primary server has not made the keys of ${zone} yet.`
          : `A DS record stands above ${zone}, and no key of it is known here: who validates gets no answer. Take it away where the domain is registered.`,
      evidence,
    };
  const own = new Set(wanted.signers.map(fingerprint));
  const keyTags = new Set(wanted.signers.map(({ keyTag, algorithm }) => `${keyTag} ${algorithm}`));
  // A registrar may digest the same key by another algorithm than ours.
  const fits = (signer: DelegationSignerRecord) =>
    own.has(fingerprint(signer)) ||
    (keyTags.has(`${signer.keyTag} ${signer.algorithm}`) &&
      !wanted.signers.some(({ digestType }) => digestType === signer.digestType));
  const foreign = signers.filter((signer) => !fits(signer));
  if (signers.length > 0 && foreign.length < signers.length)
    return {
      kind: "signers",
      state: "done",
      sentence:
        foreign.length === 0
          ? `The DS record above ${zone} fits its key.`
          : `A DS record above ${zone} fits its key; another leads to a key that is not here and can go.`,
      evidence,
    };
  if (signers.length === 0)
    return {
      kind: "signers",
      state: "todo",
      sentence: `Once the steps above are done, set the DS record of ${zone} where the domain is registered.`,
      evidence,
    };
  return {
    kind: "signers",
    state: "wrong",
    sentence: `The DS record above ${zone} leads to a key that this zone does not have, so who validates gets no answer. Put ${wanted.signers.map(signerText).join(" and ")} in its place.`,
    evidence,
  };
}

function fingerprint(signer: DelegationSignerRecord): string {
  return signerText(signer).toUpperCase();
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
