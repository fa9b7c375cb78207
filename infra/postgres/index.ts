export { findFreePort } from "./access.ts";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  readEmbeddedAddress,
  startEmbeddedPostgres,
} from "./embedded-postgres.ts";
export { PostgresError } from "./postgres-error.ts";
