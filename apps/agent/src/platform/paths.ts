/** Where the agent keeps its own things on a host. */
export const agentPaths = {
  executable: "/usr/lib/mailstead/mailstead-agent",
  identity: "/etc/mailstead/identity.json",
  /** Written by the host's owner only; nothing remote can change it. */
  ownerPolicy: "/etc/mailstead/policy.json",
  sessionCounter: "/var/lib/mailstead/session-counter",
  journal: "/var/lib/mailstead/journal",
  staging: "/var/lib/mailstead/staging",
  backups: "/var/lib/mailstead/backups",
  /** Packages in the versions that are, or were, installed: the way back from an update. */
  keptPackages: "/var/lib/mailstead/kept-packages",
  /** What was there before each of the last updates. */
  updateRecords: "/var/lib/mailstead/updates",
  /** What stood where a rollout brought another configuration: the way back from it. */
  former: "/var/lib/mailstead/former",
  targets: "/var/lib/mailstead/targets",
  appliedDigests: "/var/lib/mailstead/applied.json",
  /** What was read of the mail log, and what of it waits to be told. */
  telemetry: "/var/lib/mailstead/telemetry.sqlite",
  aptLogs: "/var/lib/mailstead/apt",
  /** Changelogs while they are read; empty otherwise. */
  changelogs: "/var/lib/mailstead/changelogs",
  processId: "/run/mailstead/agent.pid",
  status: "/run/mailstead/status.json",
  unit: "mailstead-agent.service",
  updaterProgram: "/usr/lib/mailstead/mailstead-updater",
  /** Whose agents this host takes; written by the install script. */
  updaterSettings: "/etc/mailstead/updater",
  /** What agent and updater tell each other. */
  updater: "/var/lib/mailstead/updater",
  /** There while an agent that has passed its self-test is connected. */
  connectedMark: "/run/mailstead/agent-connected",
} as const;
