import { pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";

export const serverTags = pgTable(
  "server_tags",
  {
    serverId: uuid("server_id").notNull(),
    tag: text("tag").notNull(),
    organisationId: uuid("organisation_id").notNull(),
    tenantId: uuid("tenant_id").notNull(),
  },
  (table) => [primaryKey({ columns: [table.serverId, table.tag] })],
);
