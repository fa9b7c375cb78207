import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { moment } from "./access.ts";

/** A list whose filters can be saved. */
export type FilteredList = "servers";

export const savedFilters = pgTable("saved_filters", {
  id: uuid("id").primaryKey(),
  organisationId: uuid("organisation_id").notNull(),
  tenantId: uuid("tenant_id"),
  userId: uuid("user_id"),
  list: text("list").$type<FilteredList>().notNull(),
  name: text("name").notNull(),
  query: text("query").notNull(),
  madeBy: text("made_by").notNull(),
  madeAt: moment("made_at").notNull(),
});

export const defaultFilters = pgTable(
  "default_filters",
  {
    userId: uuid("user_id").notNull(),
    list: text("list").$type<FilteredList>().notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id"),
    filterId: uuid("filter_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.list] })],
);
