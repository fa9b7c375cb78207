export { createTestDatabase, type DatabaseTemplate, type TestDatabase } from "./test-database.ts";
