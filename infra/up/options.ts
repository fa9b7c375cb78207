import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseTrustedProxies } from "./caller.ts";
import { StartError } from "./start-error.ts";

export interface Options {
  readonly port: number;
  /** Address that the front door listens on. */
  readonly host: string;
  /** Address that people and agents use, without a slash at its end. */
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly isDemo: boolean;
  /** Administrator's connection to a Postgres of the operator; null for the embedded one. */
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  /** Networks of the reverse proxies in front of us, as `address/prefix`. */
  readonly trustedProxies: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const usage =
  "npm run up -- [--demo] [--port 3000] [--host 127.0.0.1] [--public-url https://mail.example.net] [--data-dir .mailstead]";
const portDefault = 3000;

/** Reads flags and environment. Throws StartError with one sentence for the first that is wrong. */
export function parseOptions(argv: readonly string[], environment: Environment, root: string): Options {
  const flags = parseFlags(argv);
  const port = parsePort(flags.port);
  const host = flags.host ?? "127.0.0.1";
  return {
    port,
    host,
    publicUrl: parsePublicUrl(flags["public-url"] ?? environment["PUBLIC_URL"], { host, port }),
    dataDir: resolve(root, flags["data-dir"] ?? ".mailstead"),
    isDemo: flags.demo ?? false,
    databaseUrl: parseAddress(environment, { name: "DATABASE_URL", protocols: ["postgres:", "postgresql:"] }),
    redisUrl: parseAddress(environment, { name: "REDIS_URL", protocols: ["redis:", "rediss:"] }),
    trustedProxies: parseTrustedProxies(environment["TRUSTED_PROXIES"]),
  };
}

function parseFlags(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        demo: { type: "boolean" },
        port: { type: "string" },
        host: { type: "string" },
        "public-url": { type: "string" },
        "data-dir": { type: "string" },
      },
    }).values;
  } catch (cause) {
    throw new StartError(`${(cause as Error).message.split(".")[0]}; use ${usage}.`, { cause });
  }
}

function parsePort(text: string | undefined): number {
  const port = text === undefined ? portDefault : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartError(`--port must be a number from 1 to 65535, not "${text}".`);
  return port;
}

function parsePublicUrl(text: string | undefined, { host, port }: { host: string; port: number }): string {
  const isEverywhere = host === "0.0.0.0" || host === "::" || host === "127.0.0.1";
  const own = `http://${isEverywhere ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;
  const url = URL.parse(text ?? own);
  if (
    !url ||
    (url.protocol !== "http:" && url.protocol !== "https:") ||
    url.pathname !== "/" ||
    url.search !== ""
  ) {
    throw new StartError(
      `The public address must look like https://mail.example.net, without a path, and not like "${text}".`,
    );
  }
  return url.origin;
}

function parseAddress(
  environment: Environment,
  { name, protocols }: { name: string; protocols: readonly string[] },
): string | null {
  const text = environment[name];
  if (text === undefined || text === "") return null;
  const url = URL.parse(text);
  if (!url || !protocols.includes(url.protocol) || url.hostname === "") {
    throw new StartError(
      `${name} must look like ${protocols[0]}//user:password@host/name; correct it, or unset it to use what Mailstead brings.`,
    );
  }
  return text;
}
