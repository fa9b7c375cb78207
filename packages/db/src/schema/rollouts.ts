import type { AgentRelease } from "@mailstead/core/agent-updates";
import type {
  Attempts,
  ForgivenSums,
  MailSums,
  MaintenanceWindow,
  MemberAsk,
  MemberState,
  PlannedConfiguration,
  PlannedPackage,
  RolloutChoice,
  RolloutKind,
  RolloutSettings,
  RolloutState,
} from "@mailstead/core/rollouts";
import type { MailHealth, PackageChange } from "@mailstead/core/updates";
import { boolean, date, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const rollouts = pgTable("rollouts", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  kind: text("kind").$type<RolloutKind>().notNull(),
  title: text("title").notNull(),
  state: text("state").$type<RolloutState>().notNull(),
  settings: jsonb("settings").$type<RolloutSettings>().notNull(),
  choice: jsonb("choice").$type<RolloutChoice>().notNull(),
  agentRelease: jsonb("agent_release").$type<AgentRelease>(),
  wave: integer("wave").notNull().default(0),
  approvedWave: integer("approved_wave").notNull().default(0),
  forgivenBad: integer("forgiven_bad").notNull().default(0),
  waitsBecause: text("waits_because"),
  asksApproval: boolean("asks_approval").notNull().default(false),
  haltedBecause: text("halted_because"),
  startedBy: text("started_by").notNull(),
  startedAt: moment("started_at").notNull(),
  catchUpUntil: moment("catch_up_until").notNull(),
  lookAt: moment("look_at").notNull(),
  endedAt: moment("ended_at"),
  policy: text("policy"),
  sums: jsonb("sums").$type<MailSums>(),
  forgivenSums: jsonb("forgiven_sums").$type<ForgivenSums>(),
});

/** What one look since the change came to, as it is kept; `at` is ISO 8601. */
export interface KeptProbe {
  readonly at: string;
  readonly kind: "well" | "bad" | "unknown";
  readonly reasons: readonly string[];
}

/** How port 25 was met by who is not on the host; `at` is ISO 8601. */
export interface OutsideLook {
  readonly at: string;
  readonly state: "ok" | "bad" | "unknown";
  readonly sentence: string;
}

export const rolloutMembers = pgTable(
  "rollout_members",
  {
    rolloutId: uuid("rollout_id").notNull(),
    serverId: uuid("server_id").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
    wave: integer("wave").notNull(),
    position: integer("position").notNull(),
    state: text("state").$type<MemberState>().notNull(),
    stateSince: moment("state_since").notNull(),
    awaits: text("awaits").$type<MemberAsk>(),
    jobId: uuid("job_id"),
    attempts: integer("attempts").notNull().default(0),
    deadlineAt: moment("deadline_at"),
    notBefore: moment("not_before"),
    bakeUntil: moment("bake_until"),
    packages: jsonb("packages").$type<readonly PlannedPackage[]>().notNull(),
    configuration: jsonb("configuration").$type<PlannedConfiguration>(),
    keepApart: text("keep_apart").array().notNull().default([]),
    isProven: boolean("is_proven").notNull(),
    hasWayBack: boolean("has_way_back").notNull(),
    waitsBecause: text("waits_because"),
    problem: text("problem"),
    changes: jsonb("changes").$type<readonly PackageChange[]>(),
    changedPaths: jsonb("changed_paths").$type<readonly string[]>(),
    healthBefore: jsonb("health_before").$type<MailHealth>(),
    healthAfter: jsonb("health_after").$type<MailHealth>(),
    probes: jsonb("probes").$type<readonly KeptProbe[]>().notNull().default([]),
    changedAt: moment("changed_at"),
    usual: jsonb("usual").$type<Attempts>(),
    since: jsonb("since").$type<Attempts>(),
    sinceAt: moment("since_at"),
    outside: jsonb("outside").$type<OutsideLook>(),
    healthBack: jsonb("health_back").$type<MailHealth>(),
  },
  (table) => [primaryKey({ columns: [table.rolloutId, table.serverId] })],
);

export type RolloutEventKind =
  | "started"
  | "wave"
  | "asked-approval"
  | "approved"
  | "halted"
  | "resumed"
  | "stopping"
  | "rolling-back"
  | "left-out"
  | "ended";

export const rolloutEvents = pgTable("rollout_events", {
  id: uuid("id").primaryKey(),
  rolloutId: uuid("rollout_id").notNull(),
  organisationId: uuid("organisation_id").notNull(),
  at: moment("at").notNull(),
  kind: text("kind").$type<RolloutEventKind>().notNull(),
  sentence: text("sentence").notNull(),
  byName: text("by_name"),
});

export const maintenanceTimes = pgTable("maintenance_times", {
  tenantId: uuid("tenant_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  timeZone: text("time_zone").notNull(),
  windows: jsonb("windows").$type<readonly MaintenanceWindow[]>().notNull(),
  changedBy: text("changed_by").notNull(),
  changedAt: moment("changed_at").notNull(),
});

export const freezes = pgTable("freezes", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  fromDay: date("from_day", { mode: "string" }).notNull(),
  untilDay: date("until_day", { mode: "string" }).notNull(),
  reason: text("reason").notNull(),
  madeBy: text("made_by").notNull(),
});

export const rolloutExclusions = pgTable("rollout_exclusions", {
  serverId: uuid("server_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  reason: text("reason").notNull(),
  endsAt: moment("ends_at"),
  madeBy: text("made_by").notNull(),
  madeAt: moment("made_at").notNull(),
});

export const standIns = pgTable("stand_ins", {
  serverId: uuid("server_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  groupName: text("group_name").notNull(),
  namedBy: text("named_by").notNull(),
  namedAt: moment("named_at").notNull(),
});

export const patchPolicies = pgTable("patch_policies", {
  tenantId: uuid("tenant_id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  updates: text("updates").$type<"security" | "all">().notNull(),
  canaryDays: integer("canary_days").notNull(),
  changedBy: text("changed_by").notNull(),
  changedAt: moment("changed_at").notNull(),
});
