export { findRedisServer, startTestRedis, type TestRedis } from "./test-redis.ts";
