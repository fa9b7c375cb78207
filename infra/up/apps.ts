import { join } from "node:path";
import type { AppSpec } from "./app-process.ts";
import { urlForRole } from "./database.ts";
import type { Options } from "./options.ts";
import type { Secrets, SigningKeyFiles } from "./secrets.ts";

/** Everything that the environment of an app is made from. */
export interface Installation {
  readonly root: string;
  readonly options: Options;
  readonly adminUrl: string;
  readonly secrets: Secrets;
  readonly signingKey: SigningKeyFiles;
  readonly releasesDir: string;
  readonly webPort: number;
  readonly gatewayPort: number;
  /** Where the worker tells that it is well; nobody else asks it anything. */
  readonly workerPort: number;
}

/** The three apps; each gets the addresses and keys that its work needs and no others. */
export function describeApps(installation: Installation, webServerFile: string): readonly AppSpec[] {
  const { root, webPort, gatewayPort, workerPort, secrets, releasesDir, options } = installation;
  const shared = appEnvironment(installation);
  const app = { APP_DATABASE_URL: appDatabaseUrl(installation) };
  const gateway = { GATEWAY_DATABASE_URL: gatewayDatabaseUrl(installation) };
  const node = process.execPath;
  return [
    {
      name: "web",
      command: node,
      args: [webServerFile],
      cwd: join(webServerFile, ".."),
      healthUrl: `http://127.0.0.1:${webPort}/healthz`,
      environment: {
        ...shared,
        ...app,
        PORT: String(webPort),
        HOSTNAME: "127.0.0.1",
        MAILSTEAD_MASTER_KEY: secrets.masterKey,
        NEXTAUTH_SECRET: secrets.authSecret,
        NEXTAUTH_URL: options.publicUrl,
        RELEASES_DIR: releasesDir,
        INSTALL_SCRIPT_FILE: join(root, "infra", "install", "install.sh"),
      },
    },
    {
      name: "gateway",
      command: node,
      args: [join(root, "apps", "gateway", "src", "main.ts")],
      cwd: root,
      healthUrl: `http://127.0.0.1:${gatewayPort}/healthz`,
      environment: { ...shared, ...gateway, PORT: String(gatewayPort), HOST: "127.0.0.1" },
    },
    {
      name: "worker",
      command: node,
      args: [join(root, "apps", "worker", "src", "main.ts")],
      cwd: root,
      healthUrl: `http://127.0.0.1:${workerPort}/healthz`,
      environment: {
        ...workerEnvironment(installation),
        // It may hold a password, and only the worker sends mail.
        ...(process.env["MAIL_URL"] ? { MAIL_URL: process.env["MAIL_URL"] } : {}),
        HEALTH_PORT: String(workerPort),
      },
    },
  ];
}

/** The environment of the worker and of the scripts that act in its name. */
export function workerEnvironment(installation: Installation): Record<string, string> {
  return {
    ...appEnvironment(installation),
    APP_DATABASE_URL: appDatabaseUrl(installation),
    SYSTEM_DATABASE_URL: systemDatabaseUrl(installation),
    // Whoever holds this key commands the fleet, so neither web nor gateway gets it.
    MAILSTEAD_SIGNING_KEY_FILE: installation.signingKey.privateKeyFile,
    ...acmeEnvironment(),
  };
}

/** How certificates are got, as whoever starts this has set it. */
function acmeEnvironment(): Record<string, string> {
  const names = ["ACME_DIRECTORY_URL", "ACME_CA_FILE", "ACME_CONTACT", "ACME_TERMS_AGREED"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function systemDatabaseUrl({ adminUrl, secrets }: Installation): string {
  return urlForRole(adminUrl, { role: "mailstead_system", password: secrets.systemPassword });
}

function gatewayDatabaseUrl({ adminUrl, secrets }: Installation): string {
  return urlForRole(adminUrl, { role: "mailstead_gateway", password: secrets.gatewayPassword });
}

function appDatabaseUrl({ adminUrl, secrets }: Installation): string {
  return urlForRole(adminUrl, { role: "mailstead_app", password: secrets.appPassword });
}

function appEnvironment({ options, signingKey }: Installation): Record<string, string> {
  return {
    ...inheritedEnvironment(),
    NODE_ENV: "production",
    PUBLIC_URL: options.publicUrl,
    MAILSTEAD_SIGNING_PUBLIC_KEY_FILE: signingKey.publicKeyFile,
    ...(options.redisUrl === null ? {} : { REDIS_URL: options.redisUrl }),
  };
}

/** What programs need from the outside and no more: the rest of this process's environment stays here. */
export function inheritedEnvironment(): Record<string, string> {
  const names = [
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "TZ",
    "LOG_LEVEL",
    "NODE_EXTRA_CA_CERTS",
    "DNS_RESOLVER",
    "SPAMHAUS",
    "BLOCK_LISTS",
    "RDAP_URL",
    "RPKI_URL",
    "SECURITY_LISTS_URL",
    "WEBHOOK_NETWORKS",
    "MAIL_FROM",
  ];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
