import type { ProviderId } from "@mailstead/core/delivery";
import type { MeasureKind, RouteLimits, StartableKind, WarmUpTrack } from "@mailstead/core/measures";
import { boolean, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

export const measures = pgTable("measures", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  kind: text("kind").$type<StartableKind & MeasureKind>().notNull(),
  provider: text("provider").$type<ProviderId>().notNull(),
  limits: jsonb("limits").$type<RouteLimits>(),
  reason: text("reason").notNull(),
  startedBy: text("started_by").notNull(),
  isAutomatic: boolean("is_automatic").notNull().default(false),
  startedAt: moment("started_at").notNull(),
  steppedAt: moment("stepped_at").notNull(),
  endsAt: moment("ends_at").notNull(),
  isProlonged: boolean("is_prolonged").notNull().default(false),
  lookAt: moment("look_at").notNull(),
  endedAt: moment("ended_at"),
  endBecause: text("end_because").$type<"accepted" | "expired" | "person">(),
});

export const warmUps = pgTable("warm_ups", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id").notNull(),
  serverId: uuid("server_id").notNull(),
  address: text("address").notNull(),
  tracks: jsonb("tracks").$type<WarmUpTrack[]>().notNull(),
  isPaused: boolean("is_paused").notNull().default(false),
  startedBy: text("started_by").notNull(),
  startedAt: moment("started_at").notNull(),
  lookAt: moment("look_at").notNull(),
  endedAt: moment("ended_at"),
  endBecause: text("end_because").$type<"done" | "person">(),
});
