import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { findFreePort } from "../postgres/index.ts";
import { findRedisServer, startTestRedis } from "../redis/testing.ts";
import { requireRedis } from "./redis.ts";

test("a port where nothing listens is refused with one sentence", async () => {
  const port = await findFreePort();
  await expect(requireRedis(`redis://127.0.0.1:${port}`)).rejects.toThrow(
    /^Redis at 127\.0\.0\.1:\d+ cannot be reached \(.+\); start it, or correct REDIS_URL, or unset it to let Postgres carry the queue\.$/,
  );
});

test.each([
  ["a web server", "HTTP/1.1 400 Bad Request\r\n\r\n", /is not a Redis/],
  [
    "a Redis with another password",
    "-WRONGPASS invalid username-password pair\r\n",
    /refuses the password of REDIS_URL/,
  ],
])("%s is refused with one sentence", async (_what, answer, sentence) => {
  const server = createServer((socket) => socket.end(answer));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => void server.close());
  await expect(requireRedis(`redis://:secret@127.0.0.1:${port}`)).rejects.toThrow(sentence);
});

const isRedisHere = findRedisServer() !== null;
(isRedisHere ? describe : describe.skip)(
  `a real Redis${isRedisHere ? "" : " (skipped: redis-server is missing)"}`,
  () => {
    test("is accepted", async () => {
      const redis = await startTestRedis();
      onTestFinished(redis.stop);
      await requireRedis(redis.url);
    });
  },
);
