import { environmentVariables, type ParsedEnvironment, parseEnvironment } from "@mailstead/services/context";
import { z } from "zod";

const { GATEWAY_DATABASE_URL, REDIS_URL, PUBLIC_URL, MAILSTEAD_SIGNING_PUBLIC_KEY_FILE, LOG_LEVEL } =
  environmentVariables;

const variables = {
  GATEWAY_DATABASE_URL,
  REDIS_URL,
  PUBLIC_URL,
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
  LOG_LEVEL,
  GATEWAY_URL: {
    schema: z.url({ protocol: /^wss?$/ }).optional(),
    sentence:
      "GATEWAY_URL must be the ws or wss address where agents connect, like wss://gateways.example.net/agent/link, or be left out to use PUBLIC_URL.",
  },
  PORT: {
    schema: z.coerce.number().int().min(0).max(65_535).default(7402),
    sentence: "PORT must be a TCP port from 0 to 65535; 0 takes a free one.",
  },
  HOST: {
    schema: z.string().min(1).default("127.0.0.1"),
    sentence: "HOST must be the address to listen on, like 127.0.0.1 or ::.",
  },
} as const;

export type GatewayEnvironment = ParsedEnvironment<typeof variables>;

/** Reads the settings of the gateway. Throws one error that has one sentence for each wrong variable. */
export function readEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): GatewayEnvironment {
  return parseEnvironment(variables, source);
}
