import { readFileSync } from "node:fs";
import { type AcmeDefaults, defaultDirectoryUrl } from "@mailstead/services/certificates";
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
  ACME_DIRECTORY_URL: {
    schema: z.url({ protocol: /^https?$/ }).default(defaultDirectoryUrl),
    sentence: "ACME_DIRECTORY_URL must be the address of a certificate authority's ACME directory.",
  },
  ACME_CA_FILE: {
    schema: z.string().min(1).optional(),
    sentence:
      "ACME_CA_FILE must be the path of certificates in PEM by which a private certificate authority's own server is trusted, or be left out.",
  },
  ACME_CONTACT: {
    schema: z.union([z.email(), z.literal("")]).default(""),
    sentence:
      "ACME_CONTACT must be a mail address that the certificate authority may write to, or be left out.",
  },
  ACME_TERMS_AGREED: {
    schema: z.enum(["yes", "no", ""]).default("no"),
    sentence:
      "ACME_TERMS_AGREED must be yes once you have read and agreed to the terms of the certificate authority, else no.",
  },
  MAIL_URL: {
    schema: z.url({ protocol: /^smtps?$/ }).optional(),
    sentence:
      "MAIL_URL must be the mail server that takes our mail, like smtps://user:password@mail.example.net, or be left out to send none.",
  },
  MAIL_FROM: {
    schema: z
      .string()
      .regex(/^[^\r\n]*@[^\r\n@]+$/)
      .optional(),
    sentence: "MAIL_FROM must be the address that our mail comes from, like Mailstead <checks@example.net>.",
  },
  DNS_RESOLVER: {
    schema: z.string().optional(),
    sentence: "DNS_RESOLVER must be an IP address, like 9.9.9.9 or 127.0.0.1#5353.",
  },
  SPAMHAUS: {
    schema: z
      .string()
      .regex(/^[a-z0-9]{1,63}$/i)
      .optional(),
    sentence: 'SPAMHAUS must be "public" or a key of Spamhaus, or be left out to ask no block list.',
  },
  BLOCK_LISTS: {
    schema: z
      .string()
      .regex(/^[a-z0-9.=,\s-]*$/i)
      .optional(),
    sentence:
      "BLOCK_LISTS must name block lists with commas between them, like spamcop, barracuda, or be left out to ask no other.",
  },
  WEBHOOK_NETWORKS: {
    schema: z
      .string()
      .regex(/^[0-9a-f.:/,\s]*$/i)
      .optional(),
    sentence:
      "WEBHOOK_NETWORKS must name networks of your own that webhooks may lead to, with commas between them, like 10.20.0.0/16, or be left out to allow none.",
  },
  SECURITY_LISTS_URL: {
    schema: z.union([z.literal("off"), z.url({ protocol: /^https?$/ })]).optional(),
    sentence:
      "SECURITY_LISTS_URL must be where Debian's lists of CVEs are, as debsecan reads them, or off to fetch none, or be left out to ask Debian's own security tracker.",
  },
  RDAP_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    sentence: "RDAP_URL must be an RDAP service, like https://rdap.org, or be left out to ask no register.",
  },
  RPKI_URL: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    sentence:
      "RPKI_URL must be a service that speaks RIPEstat's data API, like https://stat.ripe.net/data, or be left out to ask none.",
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

/** Reads how certificates are got while nobody has chosen on the screen. Throws one sentence when the file of a private authority cannot be read. */
export function readAcmeDefaults(env: WorkerEnvironment): AcmeDefaults {
  const { ACME_CA_FILE: path } = env;
  try {
    return {
      directoryUrl: env.ACME_DIRECTORY_URL,
      trusted: path === undefined ? [] : [readFileSync(path, "utf8")],
      contact: env.ACME_CONTACT,
      areTermsAgreed: env.ACME_TERMS_AGREED === "yes",
    };
  } catch (cause) {
    throw new Error(`ACME_CA_FILE (${path}) cannot be read: ${(cause as Error).message}`, { cause });
  }
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
