import { readFileSync } from "node:fs";
import { environmentVariables, type ParsedEnvironment, parseEnvironment } from "@mailstead/services/context";
import { type JobSigner, makeJobSigner } from "@mailstead/services/jobs";
import { makeSecretOpener, type SecretOpener } from "@mailstead/services/secrets";
import { z } from "zod";

const {
  APP_DATABASE_URL,
  SYSTEM_DATABASE_URL,
  REDIS_URL,
  PUBLIC_URL,
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
  LOG_LEVEL,
} = environmentVariables;

const variables = {
  SYSTEM_DATABASE_URL,
  REDIS_URL,
  PUBLIC_URL,
  LOG_LEVEL,
  // Left out, no domain is checked unless a person asks.
  APP_DATABASE_URL: { ...APP_DATABASE_URL, schema: APP_DATABASE_URL.schema.optional() },
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: {
    ...MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
    schema: MAILSTEAD_SIGNING_PUBLIC_KEY_FILE.schema.optional(),
  },
  MAILSTEAD_SIGNING_KEY_FILE: {
    schema: z.string().min(1),
    sentence:
      "MAILSTEAD_SIGNING_KEY_FILE must be the path of the Ed25519 key that signs jobs, as PKCS #8 PEM.",
  },
  HEALTH_PORT: {
    schema: z.coerce.number().int().min(1).max(65_535).optional(),
    sentence: "HEALTH_PORT must be a TCP port from 1 to 65535, or be left out to answer nobody.",
  },
  DNS_RESOLVER: {
    schema: z.string().optional(),
    sentence: "DNS_RESOLVER must be an IP address, like 9.9.9.9 or 127.0.0.1#5353.",
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
  return parseEnvironment({ SYSTEM_DATABASE_URL, PUBLIC_URL }, source);
}

/** What the signing key gives the worker, and nobody else: signing jobs, and opening what was sealed for it. */
export interface SigningKey {
  readonly signer: JobSigner;
  readonly opener: SecretOpener;
}

/** Reads the key that signs jobs. Throws one sentence when the file is missing or holds something else. */
export function readSigningKey({ MAILSTEAD_SIGNING_KEY_FILE: path }: WorkerEnvironment): SigningKey {
  try {
    const pem = readFileSync(path, "utf8");
    return { signer: makeJobSigner(pem), opener: makeSecretOpener(pem) };
  } catch (cause) {
    throw new Error(
      `MAILSTEAD_SIGNING_KEY_FILE (${path}) cannot be used as a signing key: ${(cause as Error).message}`,
      { cause },
    );
  }
}
