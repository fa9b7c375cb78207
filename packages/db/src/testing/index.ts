export { findRedisServer, startTestRedis, type TestRedis } from "@mailstead/infra/redis/testing";
export { openTestDatabase, type TestDatabase } from "./test-database.ts";
