import {
  environmentVariables,
  type Installation,
  installationFromEnvironment,
  type ParsedEnvironment,
  parseEnvironment,
} from "@mailstead/services/context";
import { z } from "zod";

const { PUBLIC_URL, APP_DATABASE_URL, REDIS_URL, MAILSTEAD_SIGNING_PUBLIC_KEY_FILE } = environmentVariables;

const variables = {
  PUBLIC_URL,
  APP_DATABASE_URL,
  NEXTAUTH_SECRET: {
    schema: z.string().min(32),
    sentence:
      "NEXTAUTH_SECRET must be at least 32 random characters, as `openssl rand -base64 32` prints them.",
  },
  MAILSTEAD_MASTER_KEY: {
    schema: z.base64().refine((text) => Buffer.from(text, "base64").length === 32),
    sentence:
      "MAILSTEAD_MASTER_KEY must be 32 random bytes in base64, as `openssl rand -base64 32` prints them.",
  },
  REDIS_URL,
  MAILSTEAD_SIGNING_PUBLIC_KEY_FILE,
  RELEASES_DIR: {
    schema: z.string().min(1).optional(),
    sentence: "RELEASES_DIR must be the folder that holds the signed agent releases.",
  },
  INSTALL_SCRIPT_FILE: {
    schema: z.string().min(1).optional(),
    sentence: "INSTALL_SCRIPT_FILE must be the path of the install script's template.",
  },
} as const;

export type Env = ParsedEnvironment<typeof variables>;

/** Reads the settings of the web process. Throws one error that has one sentence for each wrong variable. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  return parseEnvironment(variables, source);
}

let parsed: Env | undefined;

/** The settings of this process, parsed on first use so that a build needs none of them. */
export function env(): Env {
  if (parsed === undefined) {
    parsed = parseEnv(process.env);
    // next-auth decides by this variable whether cookies are secure and where callbacks go.
    process.env["NEXTAUTH_URL"] = parsed.PUBLIC_URL;
  }
  return parsed;
}

let installed: Installation | undefined;

/** What the use cases need to know of this installation. Throws a sentence that names what is wrong. */
export function installation(): Installation {
  installed ??= installationFromEnvironment(process.env);
  return installed;
}
