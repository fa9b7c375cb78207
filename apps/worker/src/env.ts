import { readFileSync } from "node:fs";
import { type ParsedEnvironment, parseEnvironment } from "@mailstead/services/context";
import { type JobSigner, makeJobSigner } from "@mailstead/services/jobs";
import { z } from "zod";

const variables = {
  SYSTEM_DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }),
    sentence: "SYSTEM_DATABASE_URL must be a postgres:// address of the role mailstead_system.",
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
  MAILSTEAD_SIGNING_KEY_FILE: {
    schema: z.string().min(1),
    sentence:
      "MAILSTEAD_SIGNING_KEY_FILE must be the path of the Ed25519 key that signs jobs, as PKCS #8 PEM.",
  },
  APP_DATABASE_URL: {
    schema: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
    sentence:
      "APP_DATABASE_URL must be a postgres:// address of the role mailstead_app, or be left out to check no domains.",
  },
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: {
    schema: z.string().min(1).optional(),
    sentence:
      "MAILSTEAD_SIGNING_PUBLIC_KEY_FILE must be the path of the public half of the signing key, as PEM.",
  },
  DNS_RESOLVER: {
    schema: z.string().optional(),
    sentence: "DNS_RESOLVER must be an IP address, like 9.9.9.9 or 127.0.0.1#5353.",
  },
  LOG_LEVEL: {
    schema: z.enum(["debug", "info", "warn", "error"]).default("info"),
    sentence: "LOG_LEVEL must be debug, info, warn or error.",
  },
} as const;

export type WorkerEnvironment = ParsedEnvironment<typeof variables>;
type Source = Readonly<Record<string, string | undefined>>;

/** Reads the settings of the worker. Throws one error that has one sentence for each wrong variable. */
export function readEnvironment(source: Source = process.env): WorkerEnvironment {
  return parseEnvironment(variables, source);
}

/** Reads what making a link for the first owner needs, which is no key. */
export function readLinkEnvironment(
  source: Source = process.env,
): Pick<WorkerEnvironment, "SYSTEM_DATABASE_URL" | "PUBLIC_URL"> {
  const { SYSTEM_DATABASE_URL, PUBLIC_URL } = variables;
  return parseEnvironment({ SYSTEM_DATABASE_URL, PUBLIC_URL }, source);
}

/** Reads the key that signs jobs. Throws one sentence when the file is missing or holds something else. */
export function readSigner({ MAILSTEAD_SIGNING_KEY_FILE: path }: WorkerEnvironment): JobSigner {
  try {
    return makeJobSigner(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new Error(
      `MAILSTEAD_SIGNING_KEY_FILE (${path}) cannot be used as a signing key: ${(cause as Error).message}`,
      { cause },
    );
  }
}
