import type { DelegatedName, DkimKeyState } from "@mailstead/core/dkim";
import type {
  DkimAlias,
  PlannedRecord,
  PlannedServer,
  PublishedDkimKey,
  RecordPlanInput,
  RecordVerdict,
  ServerRole,
  SshHostKey,
} from "@mailstead/core/dns";
import { dkimRecordName, planRecords } from "@mailstead/core/dns";
import type { DomainRole } from "@mailstead/core/domains";
import { type MailSettings, recordWishes } from "@mailstead/core/mail-settings";
import { reportAddressOf } from "@mailstead/core/reports";
import type { DestinationRelay, MtaStsSettings, Relay } from "@mailstead/core/servers";
import { dkimKeys, dnsChecks, domainServers, servers, type Transaction, targetStates } from "@mailstead/db";
import { and, asc, desc, eq, ne, sql } from "drizzle-orm";
import { readCertificateAuthority, readTlsKeyDigests } from "../certificates/index.ts";
import { readDelegatedNames } from "../dkim/index.ts";
import type { RecordCheck } from "../dns/index.ts";
import { type DomainServer, isPlanned, readDomainServers } from "./domain-servers.ts";
import { readMailWishes, withFlattenedSpf } from "./mail-wishes.ts";

/** What is kept of a check of a domain's records. */
export type DomainCheckReport = RecordCheck;

/** A record with what the world answered when it was last asked; null before the first check of this very record. */
export interface DomainRecord extends PlannedRecord {
  verdict: RecordVerdict | null;
}

export interface DomainRecords {
  records: PlannedRecord[];
  keys: {
    id: string;
    serverId: string;
    selector: string;
    /** Where its record stands. */
    recordName: string;
    /** The name of the domain's that is an alias of that, when it was delegated. */
    aliasName: string | null;
    /** Another key stood under the name before. */
    isNameReused: boolean;
    shownSince: Date | null;
    algorithm: "rsa-2048" | "ed25519";
    state: DkimKeyState;
    isSigning: boolean;
    /** Whether a rotation decides when it signs; else a check does, as soon as the world shows it. */
    isInRotation: boolean;
    /** False until the host has made the key, and once that host is gone. */
    isMade: boolean;
    reportedAt: Date | null;
  }[];
  /** The one that holds the mailboxes first. */
  servers: Pick<DomainServer, "id" | "name" | "hostname" | "role" | "leavesSince">[];
  /** The SPF record to look the names of up in, for a domain that wants it flattened. */
  spfToFlatten: string | null;
}

/** What a plan is made for instead of what is, to show what a change would do. */
export interface Supposition {
  hosts?: (hosts: readonly DomainServer[]) => DomainServer[];
  isWithoutMail?: boolean;
}

/** Every record that a domain needs now, from its servers' names and addresses, the keys they reported and its settings. */
export async function planDomainRecords(
  tx: Transaction,
  domain: { id: string; name: string },
  supposed: Supposition = {},
): Promise<DomainRecords> {
  const standing = await readDomainServers(tx, domain.id);
  const hosts = supposed.hosts?.(standing) ?? standing;
  const settings = await tx
    .select({
      id: servers.id,
      sshHostKeys: sql<SshHostKey[] | null>`${servers.observed} -> 'sshHostKeys'`,
      relays: sql<Relay[] | null>`${targetStates.document}::jsonb -> 'relays'`,
      destinationRelays: sql<
        DestinationRelay[] | null
      >`${targetStates.document}::jsonb -> 'destinationRelays'`,
      isReady: sql<boolean>`exists (select from target_states applied
        where applied.server_id = ${servers.id} and applied.revision = ${servers.appliedRevision}
          and jsonb_path_exists(applied.document::jsonb, '$.domains[*] ? (@.name == $name)',
            jsonb_build_object('name', ${domain.name}::text)))`,
      servesWeb: sql<boolean>`coalesce((${targetStates.document}::jsonb #>> '{web,isEnabled}')::boolean, false)`,
      mtaSts: sql<MtaStsSettings | null>`jsonb_path_query_first(${targetStates.document}::jsonb,
        '$.domains[*] ? (@.name == $name).mtaSts', jsonb_build_object('name', ${domain.name}::text))`,
    })
    .from(domainServers)
    .innerJoin(servers, eq(servers.id, domainServers.serverId))
    .innerJoin(
      targetStates,
      and(eq(targetStates.serverId, servers.id), eq(targetStates.revision, servers.targetRevision)),
    )
    .where(eq(domainServers.domainId, domain.id));
  const settingsOf = new Map(settings.map((one) => [one.id, one]));
  const keys = await tx
    .select()
    .from(dkimKeys)
    .where(and(eq(dkimKeys.domainId, domain.id), ne(dkimKeys.state, "destroyed")))
    .orderBy(asc(dkimKeys.selector));
  const digests = new Map<string, string[]>();
  const authorities = new Map<string, Pick<PlannedServer, "certificateAuthority">>();
  for (const { id } of hosts) {
    digests.set(id, await readTlsKeyDigests(tx, id));
    const certificateAuthority = await readCertificateAuthority(tx, id);
    if (certificateAuthority !== null) authorities.set(id, { certificateAuthority });
  }
  const wishes = await readMailWishes(tx, domain.id);
  const signedZones = await readSignedZones(tx, domain.id);
  // The policy is served by the home.
  const home = settingsOf.get(hosts[0]?.id ?? "");
  const mtaSts = home?.servesWeb === true ? home.mtaSts : null;
  const known: RecordPlanInput = {
    ...recordWishes(domain.name, wishes.settings),
    domain: domain.name,
    isWithoutMail: (supposed.isWithoutMail ?? wishes.isWithoutMail) && hosts.length === 0,
    servers: hosts.filter(isPlanned).map(({ id, hostname, ipAddresses, role }) => ({
      hostname,
      role: plannedRole(role),
      // A domain begins with its home, which takes no mail before it is known there either way.
      isReady: role === "home" || (settingsOf.get(id)?.isReady ?? false),
      tlsKeyDigests: digests.get(id) ?? [],
      isZoneSigned: signedZones.some((zone) => `.${hostname}`.endsWith(`.${zone}`)),
      sshHostKeys: settingsOf.get(id)?.sshHostKeys ?? [],
      ...authorities.get(id),
      relays: settingsOf.get(id)?.relays ?? [],
      destinationRelays: settingsOf.get(id)?.destinationRelays ?? [],
      serves: { web: settingsOf.get(id)?.servesWeb ?? false },
      ipAddresses,
    })),
    dkimKeys: shownKeys(keys).flatMap(({ publicKey, ...key }) =>
      publicKey === null ? [] : [publishedKey({ ...key, publicKey }, domain)],
    ),
    dkimAliases: aliasesOf(keys, await readDelegatedNames(tx, domain.id)),
    ...reportMailboxOf(hosts.find(isPlanned), wishes.settings.reportsHere),
    // Without a policy nobody is to look for one.
    ...(mtaSts === null || mtaSts.mode === "none" ? {} : { mtaSts }),
  };
  const { input, toFlatten } = withFlattenedSpf(known, wishes);
  return {
    records: planRecords(input),
    spfToFlatten: toFlatten,
    keys: keys.map(({ publicKey, madeBy, replacedBy, publishedAtName, signsAs, ...key }) => ({
      id: key.id,
      serverId: key.serverId,
      selector: key.selector,
      recordName: publishedAtName ?? dkimRecordName({ selector: key.selector, domain: domain.name }),
      aliasName: signsAs === null ? null : dkimRecordName({ selector: signsAs, domain: domain.name }),
      isNameReused: key.isNameReused,
      shownSince: key.shownSince,
      algorithm: key.algorithm,
      state: key.state,
      isSigning: key.state === "signing",
      isInRotation: madeBy !== null || replacedBy !== null,
      isMade: publicKey !== null && key.privateKeyGoneAt === null,
      reportedAt: key.reportedAt,
    })),
    servers: hosts.map(({ id, name, hostname, role, leavesSince }) => ({
      id,
      name,
      hostname,
      role,
      leavesSince,
    })),
  };
}

/** Reports about a domain come to its home, which every host of ours is ready for. */
function reportMailboxOf(
  home: DomainServer | undefined,
  wish: MailSettings["reportsHere"],
): Pick<RecordPlanInput, "reportMailbox"> {
  if (home === undefined || wish === "none") return {};
  return { reportMailbox: { address: reportAddressOf(home.hostname), takesFailures: wish === "failures" } };
}

type KeyRow = typeof dkimKeys.$inferSelect;

/** Under a delegated name only the newest key is shown that has been made. */
function shownKeys(keys: readonly KeyRow[]): KeyRow[] {
  const isPassed = (key: KeyRow) =>
    key.publishedAtName !== null &&
    keys.some(
      (other) =>
        other.publishedAtName === key.publishedAtName &&
        other.publicKey !== null &&
        other.createdAt > key.createdAt,
    );
  return keys.filter((key) => !isPassed(key));
}

/** The names that the domain hands over now, and those that keys still stand behind. */
function aliasesOf(keys: readonly KeyRow[], delegated: readonly DelegatedName[]): DkimAlias[] {
  const held = keys.flatMap(({ signsAs, publishedAtName, algorithm, state }) =>
    signsAs === null || publishedAtName === null
      ? []
      : [{ selector: signsAs, target: publishedAtName, algorithm, isInUse: state !== "revoked" }],
  );
  const aliases = new Map<string, DkimAlias>();
  for (const alias of [...delegated.map((name) => ({ ...name, isInUse: false })), ...held]) {
    const known = aliases.get(alias.target)?.isInUse ?? false;
    aliases.set(alias.target, { ...alias, isInUse: known || alias.isInUse });
  }
  return [...aliases.values()];
}

function plannedRole(role: DomainRole): ServerRole {
  if (role === "home") return "mx";
  return role === "sender" ? "outbound" : role;
}

/** Zones that the last check found signed from the root down, where receivers heed TLSA records. */
async function readSignedZones(tx: Transaction, domainId: string): Promise<string[]> {
  const check = await readLastCheck(tx, domainId);
  const zones = check?.report.kind === "checked" ? (check.report.zones ?? []) : [];
  // Checks that were kept before signatures were looked at say nothing of them.
  return zones.flatMap((one) => ("dnssec" in one && one.dnssec.kind === "secure" ? [one.zone] : []));
}

function publishedKey(
  {
    selector,
    algorithm,
    publicKey,
    state,
    madeBy,
    publishedAtName,
  }: { publicKey: string } & Pick<KeyRow, "selector" | "algorithm" | "state" | "madeBy" | "publishedAtName">,
  domain: { name: string },
): PublishedDkimKey {
  const target = publishedAtName === null ? {} : { target: publishedAtName };
  const key = { domain: domain.name, selector, algorithm, publicKey, ...target };
  if (state === "revoked") return { ...key, standing: "revoked" };
  if (state === "retiring") return { ...key, standing: "going" };
  return state === "waiting" && madeBy !== null ? { ...key, standing: "coming" } : key;
}

/** The last check of a domain, or null when there was none. */
export async function readLastCheck(
  tx: Transaction,
  domainId: string,
): Promise<{ checkedAt: Date; report: DomainCheckReport } | null> {
  const [row] = await tx
    .select({ checkedAt: dnsChecks.checkedAt, report: dnsChecks.report })
    .from(dnsChecks)
    .where(eq(dnsChecks.domainId, domainId))
    .orderBy(desc(dnsChecks.checkedAt), desc(dnsChecks.id))
    .limit(1);
  return row === undefined ? null : { checkedAt: row.checkedAt, report: row.report as DomainCheckReport };
}

/** Puts the verdicts of a check beside the records that are planned now; a record that has changed since has none. */
export function joinVerdicts(
  records: readonly PlannedRecord[],
  report: DomainCheckReport | null,
): DomainRecord[] {
  const checked = report?.kind === "checked" ? report.records : [];
  return records.map((record) => ({
    ...record,
    verdict:
      checked.find(
        (one) =>
          one.record.name === record.name &&
          one.record.type === record.type &&
          one.record.value === record.value,
      )?.verdict ?? null,
  }));
}
