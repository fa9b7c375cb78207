import type { PlannedRecord } from "@mailstead/core/dns";
import type { MailSettings } from "@mailstead/core/mail-settings";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { parseInput, type ServiceContext, withTransaction } from "../context/index.ts";
import { findDomain } from "../mailboxes/index.ts";
import { type RecordCustody, readRecordCustody } from "../withdrawals/index.ts";
import { type DomainRecords, planDomainRecords } from "./domain-report.ts";
import { type DomainServer, readDomainServers } from "./domain-servers.ts";
import { readMailWishes } from "./mail-wishes.ts";
import { findHelper } from "./remove-domain-server.ts";
import { stopProblem } from "./stop-domain-mail.ts";

interface ShownValue {
  name: string;
  type: string;
  value: string;
}

/** What a change does to the records of a domain. */
export interface RecordDifference {
  /** Needed no more. */
  going: ShownValue[];
  /** Needed from then on. */
  coming: ShownValue[];
}

export interface ServerRemovalPreview {
  /** With the click. */
  atOnce: RecordDifference;
  /** Once the server has left. */
  later: RecordDifference;
  /** DKIM keys of the server; their records stand until no mail can be on its way any more. */
  keys: ShownValue[];
  custody: RecordCustody;
}

const serverInput = z.object({ domainId: z.uuid(), serverId: z.uuid() });

/** Which records a server takes with it when it is taken off a domain, and when. Throws as taking it off does. */
export async function previewServerRemoval(
  ctx: ServiceContext,
  input: z.input<typeof serverInput>,
): Promise<ServerRemovalPreview> {
  const { domainId, serverId } = parseInput(serverInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    findHelper(domain.name, { hosts: await readDomainServers(tx, domainId), serverId });
    const isIt = ({ id }: DomainServer) => id === serverId;
    const now = await planDomainRecords(tx, domain);
    const leaving = await planDomainRecords(tx, domain, {
      hosts: (hosts) => hosts.map((host) => (isIt(host) ? { ...host, leavesSince: ctx.now() } : host)),
    });
    const left = await planDomainRecords(tx, domain, {
      hosts: (hosts) => hosts.filter((host) => !isIt(host)),
    });
    const keyNames = new Set(
      now.keys.filter((key) => key.serverId === serverId).map(({ recordName }) => recordName),
    );
    return {
      atOnce: differenceOf(now, leaving),
      later: differenceOf(leaving, left),
      keys: now.records.filter(({ purpose, name }) => purpose === "dkim" && keyNames.has(name)).map(shown),
      custody: await readRecordCustody(tx, domain),
    };
  });
}

export interface StopPreview {
  /** Why it cannot be done now, in a sentence; null when it can. */
  problem: string | null;
  difference: RecordDifference;
  keys: ShownValue[];
  /** Others who send in the domain's name by its settings, and may no longer. */
  otherSenders: string[];
  custody: RecordCustody;
}

const domainInput = z.object({ domainId: z.uuid() });

/** What becomes of a domain that shall have no mail. Throws `not-found`. */
export async function previewStopMail(
  ctx: ServiceContext,
  input: z.input<typeof domainInput>,
): Promise<StopPreview> {
  const { domainId } = parseInput(domainInput, input);
  return withTransaction(ctx, async (tx) => {
    const domain = await findDomain(tx, domainId);
    const now = await planDomainRecords(tx, domain);
    const after = await planDomainRecords(tx, domain, { hosts: () => [], isWithoutMail: true });
    return {
      problem: await stopProblem(tx, domain),
      difference: differenceOf(now, after),
      keys: now.records.filter(({ purpose }) => purpose === "dkim").map(shown),
      otherSenders: await readOtherSenders(tx, domainId),
      custody: await readRecordCustody(tx, domain),
    };
  });
}

async function readOtherSenders(tx: Transaction, domainId: string): Promise<MailSettings["spf"]["includes"]> {
  const { settings } = await readMailWishes(tx, domainId);
  return [...settings.spf.includes, ...settings.spf.addresses];
}

/**
 * Keys go in their own time, and what stands under a server's own name or at its provider is the server's, whichever
 * domains it serves.
 */
const ofServer: readonly PlannedRecord["purpose"][] = [
  "host-address",
  "reverse",
  "host-spf",
  "tlsa",
  "sshfp",
  "caa",
];

function differenceOf(before: DomainRecords, after: DomainRecords): RecordDifference {
  return { going: without(before.records, after.records), coming: without(after.records, before.records) };
}

function without(records: readonly PlannedRecord[], others: readonly PlannedRecord[]): ShownValue[] {
  const known = new Set(others.map(keyOf));
  return records
    .filter((record) => record.purpose !== "dkim" && !ofServer.includes(record.purpose))
    .filter((record) => !known.has(keyOf(record)))
    .map(shown);
}

function keyOf({ name, type, value }: ShownValue): string {
  return `${name} ${type} ${value}`;
}

function shown({ name, type, value }: ShownValue): ShownValue {
  return { name, type, value };
}
