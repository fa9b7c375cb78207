import type { DirectoryEntry } from "@mailstead/core/mailboxes";
import type { TargetState } from "@mailstead/core/servers";
import { mailboxEntry, password } from "../acceptance/mail-host.ts";
import type { CommandResult } from "../lab/command.ts";
import type { LabHost } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { readLetter, submitLetter } from "../scene/mail-client.ts";
import { ended, installAgent } from "./agent-host.ts";
import { sampleTarget } from "./sample-target.ts";
import type { EnrolledAgent, TestGateway, TrackedJob } from "./test-gateway.ts";

export const agentCommand = "/usr/lib/mailstead/mailstead-agent";

export type TargetChanges = Partial<Record<keyof TargetState, unknown>>;

interface Place {
  readonly lab: Lab;
  readonly gateway: TestGateway;
  readonly host: LabHost;
}

/** A host of the lab whose agent is enrolled at the test gateway, and the revisions of its target state. */
export class ManagedHost {
  readonly host: LabHost;
  readonly agent: EnrolledAgent;
  readonly #lab: Lab;
  readonly #gateway: TestGateway;
  #revision = 0;

  private constructor({ lab, gateway, host }: Place, agent: EnrolledAgent) {
    this.#lab = lab;
    this.#gateway = gateway;
    this.host = host;
    this.agent = agent;
  }

  static async enrol(place: Place & { readonly agentPath: string }): Promise<ManagedHost> {
    return new ManagedHost(place, await installAgent(place));
  }

  /** The revision of the target state that was ordered last. */
  get revision(): number {
    return this.#revision;
  }

  /** Stores a new revision of the target state and orders a converge to it. */
  orderConverge(changes: TargetChanges = {}, revertsDrift = false): TrackedJob {
    const { serverId } = this.agent;
    this.#revision += 1;
    const { hostname } = this.host.description;
    const target = sampleTarget(serverId, { revision: this.#revision, hostname, ...changes });
    const args = this.#gateway.setTarget(serverId, target);
    return this.#gateway.order(serverId, { verb: "converge", args: { ...args, revertsDrift } });
  }

  converge(changes: TargetChanges = {}, revertsDrift = false): Promise<TrackedJob> {
    return ended(this.orderConverge(changes, revertsDrift));
  }

  /** One of the agent's commands, as somebody on the host runs it. */
  command(...args: readonly string[]): Promise<CommandResult> {
    return this.host.exec([agentCommand, ...args]);
  }

  async isUp(unit: string): Promise<boolean> {
    return (await this.host.exec(["systemctl", "is-active", unit])).stdout.trim() === "active";
  }

  /** True while the host answers a mail program on port 587. */
  async servesMail(): Promise<boolean> {
    const url = `smtp://${this.host.description.ipv4}:587`;
    const { code } = await this.#lab.run(["curl", "-sk", "--max-time", "5", url, "-X", "NOOP"]);
    return code === 0;
  }

  /** Gives the host a mailbox that `carriesLetter` uses, anew when its mail directory was lost. */
  makeMailbox(): Promise<void> {
    return this.setEntries([
      { kind: "domain", name: "alpha.example" } as DirectoryEntry,
      mailboxEntry(address),
    ]);
  }

  /** Writes entries into the host's mail directory through the agent. */
  async setEntries(entries: readonly DirectoryEntry[]): Promise<void> {
    const { serverId } = this.agent;
    const args = this.#gateway.changeDirectory(
      serverId,
      entries.map((entry) => ({
        op: "upsert",
        entryKind: entry.kind,
        key: entry.kind === "domain" ? entry.name : entry.address,
        entry,
      })),
    );
    const job = await ended(this.#gateway.order(serverId, { verb: "sync-directory", args }));
    if (job.outcome?.kind !== "succeeded") throw new Error(JSON.stringify(job.outcome ?? job.refused));
  }

  /** Submits a letter and reads it back over IMAP, as mail programs do. Throws when it does not arrive. */
  async carriesLetter(subject: string): Promise<void> {
    const account = { host: this.host.name, address, password };
    await submitLetter(this.#lab, account, { to: address, subject });
    await readLetter(this.#lab, account, { subject });
  }
}

const address = "ann@alpha.example";
