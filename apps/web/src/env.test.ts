import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";

const right = {
  PUBLIC_URL: "https://mail.example/",
  APP_DATABASE_URL: "postgres://mailstead_app:x@127.0.0.1/mailstead",
  NEXTAUTH_SECRET: "x".repeat(43),
  MAILSTEAD_MASTER_KEY: Buffer.alloc(32).toString("base64"),
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: "/etc/mailstead/key.pem",
};

test("right settings are read, and the public address loses its final slash", () => {
  expect(parseEnv(right).PUBLIC_URL).toBe("https://mail.example");
});

test("each wrong variable gets its own sentence, all at once", () => {
  const wrong = {
    ...right,
    PUBLIC_URL: "mail.example",
    MAILSTEAD_MASTER_KEY: "short",
    REDIS_URL: "http://x",
  };
  expect(() => parseEnv(wrong)).toThrow(
    /PUBLIC_URL must[^\n]*\nMAILSTEAD_MASTER_KEY must[^\n]*\nREDIS_URL must[^\n]*$/,
  );
});

test("an empty variable counts as absent", () => {
  expect(parseEnv({ ...right, REDIS_URL: "" }).REDIS_URL).toBeUndefined();
});
