export { removeIdleTestCluster } from "./test-cluster.ts";
export { createTestDatabase, type DatabaseTemplate, type TestDatabase } from "./test-database.ts";
