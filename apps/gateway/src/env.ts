import { type ParsedEnvironment, parseEnvironment } from "@mailstead/services/context";
import { z } from "zod";

const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const variables = {
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
  GATEWAY_URL: {
    schema: z.url({ protocol: /^wss?$/ }).optional(),
    sentence:
      "GATEWAY_URL must be the ws or wss address where agents connect, like wss://gateways.example.net/agent/link, or be left out to use PUBLIC_URL.",
  },
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: {
    schema: z.string().min(1),
    sentence:
      "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE must be the path of the public half of the signing key, as PEM.",
  },
  PORT: {
    schema: z.coerce.number().int().min(0).max(65_535).default(7402),
    sentence: "PORT must be a TCP port from 0 to 65535; 0 takes a free one.",
  },
  HOST: {
    schema: z.string().min(1).default("127.0.0.1"),
    sentence: "HOST must be the address to listen on, like 127.0.0.1 or ::.",
  },
  LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    sentence: "LOG_LEVEL must be debug, info, warn or error.",
  },
} as const;

export type GatewayEnvironment = ParsedEnvironment<typeof variables>;

/** Reads the settings of the gateway. Throws one error that has one sentence for each wrong variable. */
export function readEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): GatewayEnvironment {
  return parseEnvironment(variables, source);
}
