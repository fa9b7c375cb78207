import type { DomainRole } from "@mailstead/core/domains";
import { type DirectoryEntry, directoryEntrySchema, entryForRole } from "@mailstead/core/mailboxes";
import { aliasEntry, mailboxEntry, password } from "../acceptance/mail-host.ts";
import { storyOf } from "../agent/agent-host.ts";
import type { ManagedHost, TargetChanges } from "../agent/managed-host.ts";
import { sampleDomains } from "../agent/sample-target.ts";
import type { Lab } from "../lab/lab.ts";

export const sharedDomain = "alpha.example";
export const mailboxAddress = `ann@${sharedDomain}`;
/** A domain outside whose SPF lets the lab itself send. */
export const senderDomain = "sender.example";

const entries: readonly DirectoryEntry[] = [
  directoryEntrySchema.parse({ kind: "domain", name: sharedDomain }),
  mailboxEntry(mailboxAddress),
  aliasEntry(`info@${sharedDomain}`, [mailboxAddress]),
];

export interface Sharing {
  home: ManagedHost;
  helper: ManagedHost;
  role: Exclude<DomainRole, "home">;
}

/** Has two hosts share a domain; `changes` are what their target states hold besides. */
export async function shareDomain(
  { home, helper, role }: Sharing,
  changes: { home: TargetChanges; helper: TargetChanges },
): Promise<void> {
  const partner = ({ host }: ManagedHost, its: DomainRole) => ({
    role: its,
    hostname: host.description.hostname,
    ipAddresses: [host.description.ipv4, host.description.ipv6],
  });
  const [domain] = sampleDomains;
  const domains = (own: DomainRole, other: object) => [{ ...domain, share: { role: own, others: [other] } }];
  await home.setEntries(entries);
  await helper.setEntries(entries.map((entry) => entryForRole(role, entry)));
  const jobs = await Promise.all([
    home.converge({ ...changes.home, domains: domains("home", partner(helper, role)) }),
    helper.converge({ ...changes.helper, domains: domains(role, partner(home, "home")) }),
  ]);
  for (const job of jobs) if (job.outcome?.kind !== "succeeded") throw new Error(storyOf(job));
}

/** Brings a letter from outside to a host's port 25, and gives all that was said. */
export async function bringLetter(
  lab: Lab,
  { host }: ManagedHost,
  { to, subject }: { to: string; subject: string },
): Promise<string> {
  const from = `eve@${senderDomain}`;
  const letter = [
    `From: Eve <${from}>`,
    `To: <${to}>`,
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    `Message-ID: <${Date.now()}.${subject.replaceAll(/\W/g, ".")}@${senderDomain}>`,
    "",
    "Dear Ann, shall we meet at ten tomorrow? Regards, Eve",
    "",
  ].join("\r\n");
  const url = `smtp://${host.description.ipv4}/mx.${senderDomain}`;
  const { stderr } = await lab.run(
    ["curl", "-sv", "--max-time", "40", url, "--mail-from", from, "--mail-rcpt", to, "--upload-file", "-"],
    { input: letter, timeoutMs: 60_000 },
  );
  return stderr;
}

/** The mailbox as a person uses it on a host. */
export function accountOn({ host }: ManagedHost) {
  return { host: host.name, address: mailboxAddress, password };
}

/** What waits in a host's mail queue, as Postfix tells it. */
export async function queueOf({ host }: ManagedHost): Promise<string> {
  return await host.must(["postqueue", "-p"]);
}
