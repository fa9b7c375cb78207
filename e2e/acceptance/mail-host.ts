import { argon2Sync, createHash, randomBytes } from "node:crypto";
import type { DirectoryChange, DirectoryEntry } from "@mailstead/core/mailboxes";
import {
  defaultStackSettings,
  defaultWebSettings,
  noOverrides,
  type Suite,
  type TargetState,
  targetStateSchema,
} from "@mailstead/core/servers";
import { ended, storyOf } from "../agent/agent-host.ts";
import type { EnrolledAgent, TestGateway } from "../agent/test-gateway.ts";
import type { LabHost } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { type WaitOptions, waitFor } from "../lab/wait-for.ts";
import { SmtpSession } from "./smtp-session.ts";

export const password = "correct horse battery staple";

/** A mail server that a real agent installed, as the cases use it: from outside by its ports, from inside as root. */
export class MailHost {
  readonly lab: Lab;
  readonly host: LabHost;
  readonly domain: string;
  /** A second domain hosted on the same server. */
  readonly otherDomain: string;
  readonly #gateway: TestGateway;
  readonly #agent: EnrolledAgent;
  readonly #ports = new Map<number, Promise<number>>();
  #target: TargetState;

  constructor(parts: {
    lab: Lab;
    host: LabHost;
    gateway: TestGateway;
    agent: EnrolledAgent;
    domain: string;
    otherDomain: string;
  }) {
    this.lab = parts.lab;
    this.host = parts.host;
    this.domain = parts.domain;
    this.otherDomain = parts.otherDomain;
    this.#gateway = parts.gateway;
    this.#agent = parts.agent;
    this.#target = targetStateSchema.parse({
      formatVersion: 1,
      serverId: parts.agent.serverId,
      revision: 1,
      hostname: parts.host.description.hostname,
      stack: { ...defaultStackSettings, postmaster: `postmaster@${parts.domain}` },
      domains: [parts.domain, parts.otherDomain].map((name) => ({
        name,
        dkimKeys: [
          { selector: "ms202611r", algorithm: "rsa-2048", isSigning: true },
          { selector: "ms202611e", algorithm: "ed25519", isSigning: true },
        ],
      })),
      relays: [],
      feedbackSenderId: "ms0000000000aa",
      web: defaultWebSettings,
      driftPolicy: "revert",
      overrides: noOverrides,
    });
  }

  get suite(): Suite {
    return this.host.description.suite;
  }

  get target(): TargetState {
    return this.#target;
  }

  get agent(): EnrolledAgent {
    return this.#agent;
  }

  /** Runs a converge to the target state with these fields replaced. Throws with the job's story when it fails. */
  async converge(changes: Partial<Record<keyof TargetState, unknown>> = {}): Promise<void> {
    this.#target = targetStateSchema.parse({
      ...this.#target,
      ...changes,
      revision: this.#target.revision + 1,
    });
    const args = this.#gateway.setTarget(this.#agent.serverId, this.#target);
    const job = this.#gateway.order(this.#agent.serverId, {
      verb: "converge",
      args: { ...args, revertsDrift: false },
    });
    await ended(job);
    if (job.outcome?.kind !== "succeeded")
      throw new Error(
        `The converge of ${this.host.name} did not succeed: ${JSON.stringify(job.outcome ?? job.refused)}\n${storyOf(job)}`,
      );
  }

  /** Changes stack settings for the time of `work`, and puts the former ones back. */
  async withTarget<T>(
    changes: Partial<Record<keyof TargetState, unknown>>,
    work: () => Promise<T>,
  ): Promise<T> {
    const { relays, stack, overrides, hostname, web, domains, tlsExceptions } = this.#target;
    const { measures, destinationRelays } = this.#target;
    await this.converge(changes);
    try {
      return await work();
    } finally {
      await this.converge({
        ...{ relays, stack, overrides, hostname, web, domains, tlsExceptions },
        ...{ measures, destinationRelays },
      });
    }
  }

  /** Writes entries into the mail directory through the agent. */
  async setEntries(...entries: readonly DirectoryEntry[]): Promise<void> {
    await this.changeDirectory(
      entries.map((entry) => ({ op: "upsert", entryKind: entry.kind, key: keyOf(entry), entry })),
    );
  }

  async removeEntry(entryKind: DirectoryEntry["kind"], key: string): Promise<void> {
    await this.changeDirectory([{ op: "delete", entryKind, key }]);
  }

  /** Appends changes to the mail directory, with revisions of this host's own, and waits until the agent has them. */
  async changeDirectory(changes: readonly Omit<DirectoryChange, "revision">[]): Promise<void> {
    const args = this.#gateway.changeDirectory(this.#agent.serverId, changes);
    const job = await ended(this.#gateway.order(this.#agent.serverId, { verb: "sync-directory", args }));
    if (job.outcome?.kind !== "succeeded")
      throw new Error(
        `The directory of ${this.host.name} was not written: ${JSON.stringify(job.outcome ?? job.refused)}`,
      );
  }

  /** An account by its address, or by its local part in this server's first domain. */
  account(name: string): { host: string; address: string; password: string } {
    return { host: this.host.name, address: name.includes("@") ? name : `${name}@${this.domain}`, password };
  }

  /** A port of this machine's loopback that leads to the host's. */
  port(port: number): Promise<number> {
    const known = this.#ports.get(port);
    if (known !== undefined) return known;
    const opened = this.lab.forward(this.host.name, port);
    this.#ports.set(port, opened);
    return opened;
  }

  /** A session on port 25, greeted and introduced. */
  async openPort25(): Promise<SmtpSession> {
    const session = await SmtpSession.open(await this.port(25));
    await session.command("EHLO client.example");
    return session;
  }

  /** A signed-in session on port 587. */
  async openSubmission(localPart: string): Promise<SmtpSession> {
    return await SmtpSession.submit(await this.port(587), this.account(localPart));
  }

  /** A letter from outside, from a domain with SPF, DKIM and DMARC in order. Throws unless it is accepted. */
  async receive(letter: { to: string; subject: string; text?: string; raw?: string }): Promise<void> {
    const reply = await this.lab.receivers.send({ from: "eve@receiver.example", ...letter });
    if (reply.code !== 250) throw new Error(`${letter.to} was answered with ${reply.code} ${reply.text}`);
  }

  /** Runs a shell script as root on the host with `$1`… set. Throws when it fails. */
  async shell(script: string, ...args: readonly string[]): Promise<string> {
    return await this.host.must(["sh", "-c", script, "sh", ...args], { timeoutMs: 120_000 });
  }

  waitFor<T>(what: string, probe: () => Promise<T | undefined>, options: WaitOptions = {}): Promise<T> {
    return waitFor(what, probe, { timeoutMs: 60_000, ...options });
  }
}

function keyOf(entry: DirectoryEntry): string {
  return entry.kind === "domain" ? entry.name : entry.address;
}

/** A subject that no other run has used. */
export function uniqueSubject(caseId: string): string {
  return `${caseId} ${randomBytes(6).toString("hex")}`;
}

/** The directory's entry of a mailbox whose password is `password`. */
export function mailboxEntry(
  address: string,
  options: { quotaBytes?: number; isEnabled?: boolean; mailboxId?: string } = {},
): DirectoryEntry {
  return {
    kind: "mailbox",
    mailboxId: options.mailboxId ?? idOf(address),
    address,
    passwordHash,
    quotaBytes: options.quotaBytes ?? 0,
    isEnabled: options.isEnabled ?? true,
  } as DirectoryEntry;
}

/** The same id for the same address, as long as nobody makes a new mailbox of it. */
function idOf(address: string): string {
  const hex = createHash("sha256").update(address).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function aliasEntry(
  address: string,
  destinations: readonly string[],
  senders: readonly string[] = [],
): DirectoryEntry {
  return { kind: "alias", address, destinations, senders } as DirectoryEntry;
}

// Cheap, because these tests are about mail; what the product uses is its own affair.
const passwordHash = hashOf(password);

function hashOf(text: string): string {
  const nonce = randomBytes(16);
  const memory = 8192;
  const hash = argon2Sync("argon2id", {
    message: text,
    nonce,
    parallelism: 1,
    memory,
    passes: 1,
    tagLength: 32,
  });
  const bare = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  return `{ARGON2ID}$argon2id$v=19$m=${memory},t=1,p=1$${bare(nonce)}$${bare(hash)}`;
}
