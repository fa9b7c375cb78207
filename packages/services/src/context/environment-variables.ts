import { z } from "zod";
import type { EnvironmentVariables } from "./parse-environment.ts";

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** The variables that more than one process reads, for `parseEnvironment`; each process picks what its work needs. */
export const environmentVariables = {
  APP_DATABASE_URL: {
    schema: postgresUrl,
    sentence: "APP_DATABASE_URL must be a postgres:// address of the role mailstead_app.",
  },
  SYSTEM_DATABASE_URL: {
    schema: postgresUrl,
    sentence: "SYSTEM_DATABASE_URL must be a postgres:// address of the role mailstead_system.",
  },
  GATEWAY_DATABASE_URL: {
    schema: postgresUrl,
    sentence: "GATEWAY_DATABASE_URL must be a postgres:// address of the role mailstead_gateway.",
  },
  REDIS_URL: {
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    sentence: "REDIS_URL must be a redis:// or rediss:// address, or be left out to use Postgres.",
  },
  PUBLIC_URL: {
    schema: z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, "")),
    sentence:
      "PUBLIC_URL must be the http or https address that people and agents use, like https://mail.example.net.",
  },
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: {
    schema: z.string().min(1),
    sentence:
      "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE must be the path of the public half of the signing key, as PEM.",
  },
  LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    sentence: "LOG_LEVEL must be debug, info, warn or error.",
  },
} as const satisfies EnvironmentVariables;
