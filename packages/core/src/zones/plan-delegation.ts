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
  /** The primary first. */
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
  servers: readonly SeenNameServer[];
  /** The keys that the DS record may lead to, as the zone's own servers show them; left out when none answered. */
  keys?: readonly Pick<DelegationSignerRecord, "keyTag" | "algorithm">[];
  /** Since when the servers have held different versions; left out while they hold the same. */
  serialsDifferSince?: string;
}

export interface SeenNameServer {
  nameServer: string;
  address: string;
  serial: number | null;
  problem: string | null;
  /** It was reached and has no copy of the zone that it would tell, which is another thing than silence. */
  hasNoCopy?: boolean;
}

export type DelegationStepKind = "answers" | "name-servers" | "glue" | "same-serial" | "signers";

/** done: the world shows it. todo: it is missing. wrong: something else stands there. unknown: nobody could be asked. */
export interface DelegationStep {
  kind: DelegationStepKind;
  state: "done" | "todo" | "wrong" | "unknown";
  /** One sentence for a person. */
  sentence: string;
  evidence: readonly string[];
  /** What to do of it alone, where that differs from what its kind mostly needs. */
  fix?: string;
  /** What to set at the registrar, whole. */
  record?: string;
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

/** A DS record as it is pasted, and as a zone file writes it. */
export function signerText({ keyTag, algorithm, digestType, digest }: DelegationSignerRecord): string {
  return `${keyTag} ${algorithm} ${digestType} ${digest}`;
}
