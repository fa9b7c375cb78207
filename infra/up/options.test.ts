import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("without flags everything stays on this machine", () => {
  expect(parseOptions([], {}, "/srv/mailstead")).toEqual({
    port: 3000,
    host: "127.0.0.1",
    publicUrl: "http://localhost:3000",
    dataDir: "/srv/mailstead/.mailstead",
    isDemo: false,
    databaseUrl: null,
    redisUrl: null,
    trustedProxies: [],
  });
});

test("flags and environment choose address, data and servers", () => {
  const environment = {
    DATABASE_URL: "postgres://admin:x@db/mailstead",
    REDIS_URL: "redis://cache:6379",
    PUBLIC_URL: "https://mail.example.net/",
    TRUSTED_PROXIES: "127.0.0.1, 10.0.0.0/8,::1",
  };
  expect(
    parseOptions(
      ["--demo", "--port", "8080", "--host", "0.0.0.0", "--data-dir", "data"],
      environment,
      "/srv",
    ),
  ).toEqual({
    port: 8080,
    host: "0.0.0.0",
    publicUrl: "https://mail.example.net",
    dataDir: "/srv/data",
    isDemo: true,
    databaseUrl: "postgres://admin:x@db/mailstead",
    redisUrl: "redis://cache:6379",
    trustedProxies: ["127.0.0.1/32", "10.0.0.0/8", "::1/128"],
  });
});

test.each([
  [["--prot", "80"], {}, /Unknown option '--prot'/],
  [["--port", "http"], {}, /--port must be a number from 1 to 65535, not "http"\./],
  [["--port", "70000"], {}, /--port must be/],
  [["--public-url", "mail.example.net"], {}, /must look like https:\/\/mail\.example\.net/],
  [["--public-url", "https://example.net/mail"], {}, /without a path/],
  [[], { DATABASE_URL: "mysql://db/mailstead" }, /DATABASE_URL must look like postgres:/],
  [[], { TRUSTED_PROXIES: "10.0.0.0/8, proxy" }, /TRUSTED_PROXIES .+ "proxy" is none/],
  [[], { TRUSTED_PROXIES: "10.0.0.0/33" }, /"10\.0\.0\.0\/33" is none/],
  [[], { TRUSTED_PROXIES: "10.0.0.0/" }, /"10\.0\.0\.0\/" is none/],
  [[], { REDIS_URL: "cache:6379" }, /REDIS_URL must look like redis:/],
])("%j %j is refused with one sentence", (argv, environment, sentence) => {
  const refuse = () => parseOptions(argv, environment, "/srv");
  expect(refuse).toThrow(sentence);
  expect(refuse).toThrow(/^[^\n]+\.$/);
});
