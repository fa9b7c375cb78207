import { type JobArgs, type JobOrder, type JobResult, type JobVerb, jobCatalog } from "@mailstead/core/jobs";
import type { HostFacts, ObservedReport } from "@mailstead/core/servers";
import { healthCheckIds, type PackageChange } from "@mailstead/core/updates";
import { simulatedAgentVersion } from "./identity.ts";

const stackPackages = {
  postfix: "3.10.5-1+deb13u1",
  "dovecot-core": "1:2.4.1+dfsg1-6+deb13u2",
  rspamd: "3.12.1-1",
  "redis-server": "5:8.0.2-3+deb13u1",
  openssl: "3.5.4-1~deb13u1",
} as const;

const configurationPath = "/etc/postfix/main.cf";

type Answers = { readonly [V in JobVerb]: (args: JobArgs<V>) => JobResult<V> };

/** What lies behind a simulated agent: packages and revisions, as far as answers must fit together. */
export class SimulatedHost {
  readonly hostname: string;
  readonly packages = new Map<string, string>(Object.entries(stackPackages));
  private agentVersion: string = simulatedAgentVersion;
  private revision = 1;
  /** What another agent writes otherwise, until it is brought. */
  private isRenderedAnew = false;
  private readonly former = new Map<string, { revision: number; isRenderedAnew: boolean }>();
  private directory = { epoch: 1, revision: 0 };

  constructor(hostname: string) {
    this.hostname = hostname;
  }

  /** Does what an order says and gives the result that its verb promises. Throws on arguments that are none of the verb's. */
  obey({ verb, args }: Pick<JobOrder, "verb" | "args">): unknown {
    const answer = this.answers[verb] as (args: unknown) => unknown;
    return answer(jobCatalog[verb].args.parse(args));
  }

  facts(): HostFacts {
    const started = Date.now() - performance.now();
    return {
      suite: "trixie",
      osName: "Debian GNU/Linux 13 (trixie)",
      kernel: "6.12.57+deb13-amd64",
      architecture: "x64",
      hostname: this.hostname,
      agentVersion: this.agentVersion,
      bootId: "simulated",
      bootedAtUnixMs: Math.round(started),
      memoryTotalBytes: 4_000_000_000,
      memoryAvailableBytes: 2_500_000_000,
      diskTotalBytes: 80_000_000_000,
      diskFreeBytes: 50_000_000_000,
      cpuCount: 2,
      ipAddresses: [],
      canReachPort25: true,
      hasValidatedDns: true,
      services: ["postfix", "dovecot", "rspamd"].map((name) => ({
        unit: `${name}.service`,
        state: "running",
        sinceUnixMs: Math.round(started),
      })),
      packages: Object.fromEntries(this.packages),
      queueSizeMessages: 3,
      queueOldestAtUnixMs: null,
      queueLateMessages: 0,
      queueUntakenMessages: 0,
      queueWaiting: [],
      isRebootRequired: false,
      dkimKeysGone: [],
      upkeep: null,
      listeners: null,
    };
  }

  observed(): ObservedReport {
    return {
      targetRevision: this.revision,
      drift: [],
      pendingPaths: this.isRenderedAnew ? [configurationPath] : [],
      dkimPublicKeys: [],
      zoneKeys: [],
      directory: this.directory,
      certificateKeys: [],
      sshHostKeys: [],
    };
  }

  private readonly answers: Answers = {
    converge: ({ targetRevision }) => this.bring(targetRevision),
    "apply-configuration": ({ targetRevision, formerId }) => {
      const { revision, isRenderedAnew } = this;
      if (!this.former.has(formerId)) this.former.set(formerId, { revision, isRenderedAnew });
      return { ...this.bring(targetRevision), withoutWayBack: [] };
    },
    "restore-configuration": ({ formerId }) => {
      const { revision = this.revision, isRenderedAnew = this.isRenderedAnew } =
        this.former.get(formerId) ?? {};
      const isThere = revision === this.revision && isRenderedAnew === this.isRenderedAnew;
      this.revision = revision;
      this.isRenderedAnew = isRenderedAnew;
      return { changedPaths: isThere ? [] : [configurationPath], revision, tookMs: 1 };
    },
    preview: () => ({ steps: [] }),
    "sync-directory": ({ epoch, revision }) => {
      const changesApplied = Math.max(0, revision - this.directory.revision);
      this.directory = { epoch, revision };
      return { changesApplied, tookMs: 1 };
    },
    "restart-service": () => ({ tookMs: 1 }),
    "unban-address": () => ({ wasBanned: false }),
    "test-signature": () => ({ signatures: [], signsWith: null }),
    "roll-zone-key": () => ({ wasRolling: false }),
    "hold-account": () => ({ messagesHeld: 0 }),
    "release-account": () => ({ messagesReleased: 0 }),
    "test-smarthost": () => ({ reached: "done", retry: null, sentence: "The smarthost took everything." }),
    "refresh-facts": () => ({}),
    "install-updates": (args) => this.changePackages(args),
    "roll-back-updates": (args) => this.changePackages(args),
    "reboot-host": () => ({ kernelBefore: "6.12.0", kernelAfter: "6.12.1", tookMs: 1 }),
    "update-agent": ({ version }) => {
      this.isRenderedAnew = version !== this.agentVersion;
      this.agentVersion = version;
      return { version, tookMs: 1 };
    },
    "check-mail": () => ({
      checks: healthCheckIds.map((id) => ({
        id,
        state: "ok",
        sentence: "All is well on this simulated host.",
        faults: [],
      })),
      figures: { queueMessages: 3, recent: { sent: 40, deferred: 2, bounced: 0, rejected: 5 } },
      tookMs: 1,
    }),
    "trace-message": () => ({
      indexBeginsAt: null,
      readUntilAt: null,
      messages: [],
      hasMore: false,
      tookMs: 1,
    }),
    "read-queue": () => ({
      readAt: Date.now(),
      total: 0,
      matching: 0,
      queues: [],
      providers: [],
      categories: [],
      domains: [],
      messages: [],
    }),
    "change-queue": () => ({ found: 0, changed: 0, notReached: 0 }),
  };

  private bring(targetRevision: number): JobResult<"converge"> {
    const hasChanged = targetRevision !== this.revision || this.isRenderedAnew;
    this.revision = targetRevision;
    this.isRenderedAnew = false;
    return {
      stepsApplied: hasChanged ? 3 : 0,
      changedPaths: hasChanged ? [configurationPath] : [],
      tookMs: 1,
    };
  }

  private changePackages({ packages }: JobArgs<"install-updates">): JobResult<"install-updates"> {
    const changes: PackageChange[] = packages.map(({ name, architecture, version }) => {
      const from = this.packages.get(name) ?? null;
      this.packages.set(name, version);
      return { name, architecture, from, to: version };
    });
    return {
      changes: changes.filter(({ from, to }) => from !== to),
      keptConffiles: [],
      withoutWayBack: [],
      rebuiltWayBack: [],
      outdatedUnits: [],
      isRebootRequired: false,
      tookMs: 1,
    };
  }
}
