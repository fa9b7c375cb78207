import { join } from "node:path";
import { type Installation, inheritedEnvironment, workerEnvironment } from "./apps.ts";
import type { LineWriter } from "./log-lines.ts";
import { runToEnd } from "./run-to-end.ts";
import { StartError } from "./start-error.ts";

/** Where a script's words go, and what ends it before its time. */
export interface ScriptRun {
  readonly output: LineWriter;
  readonly signal: AbortSignal;
}

/** Brings the database to the newest schema and gives its roles their passwords. */
export async function migrate(installation: Installation, run: ScriptRun): Promise<void> {
  const { adminUrl, secrets } = installation;
  const code = await runScript(installation, {
    ...run,
    script: "packages/db/src/migrate.ts",
    environment: {
      ...inheritedEnvironment(),
      DATABASE_URL: adminUrl,
      MAILSTEAD_APP_DB_PASSWORD: secrets.appPassword,
      MAILSTEAD_SYSTEM_DB_PASSWORD: secrets.systemPassword,
      MAILSTEAD_GATEWAY_DB_PASSWORD: secrets.gatewayPassword,
    },
  });
  if (code !== 0)
    throw new StartError("The database could not be brought to the newest schema; the reason stands above.");
}

/** The link that makes the first owner, or null once there is one. */
export async function createFirstOwnerLink(
  installation: Installation,
  run: ScriptRun,
): Promise<string | null> {
  let printed = "";
  const code = await runScript(installation, {
    ...run,
    script: "apps/worker/src/first-owner-link.ts",
    environment: workerEnvironment(installation),
    captured: (text) => {
      printed += text;
    },
  });
  if (code !== 0)
    throw new StartError("The link for the first owner could not be made; the reason stands above.");
  return printed.trim() === "" ? null : printed.trim();
}

/** Fills the database with a fleet to look at, unless it is there already. Returns how to sign in to it, or null. */
export async function seedDemo(installation: Installation, run: ScriptRun): Promise<string | null> {
  let printed = "";
  const environment = {
    ...workerEnvironment(installation),
    DATABASE_URL: installation.adminUrl,
    // It hosts a zone as the dashboard would, and that seals the secret of its transfers.
    MAILSTEAD_MASTER_KEY: installation.secrets.masterKey,
  };
  const code = await runScript(installation, {
    ...run,
    script: "packages/services/src/demo/seed.ts",
    environment,
    captured: (text) => {
      printed += text;
    },
  });
  if (code !== 0) throw new StartError("The demo fleet could not be made; the reason stands above.");
  return printed.trim() === "" ? null : printed.trim();
}

interface BackgroundBuild extends ScriptRun {
  notice(sentence: string): void;
}

/** Builds the agent release that /install.sh hands out, unless the last one came from the same sources. */
export async function buildAgentInBackground(
  installation: Installation,
  { output, notice, signal }: BackgroundBuild,
): Promise<void> {
  const environment = {
    ...inheritedEnvironment(),
    MAILSTEAD_SIGNING_KEY_FILE: installation.signingKey.privateKeyFile,
  };
  const args = ["--out", installation.releasesDir];
  try {
    const code = await runScript(installation, {
      script: "infra/release/build-agent.ts",
      args,
      output,
      environment,
      signal,
    });
    if (code !== 0)
      notice("the agent release could not be built, so no server can be added; the reason stands above");
  } catch (error) {
    if (!signal.aborted) notice(`the agent release could not be built: ${(error as Error).message}`);
  }
}

interface Script extends ScriptRun {
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly captured?: (text: string) => void;
}

function runScript({ root }: Installation, { script, args = [], ...rest }: Script): Promise<number> {
  return runToEnd({ command: process.execPath, args: [join(root, script), ...args], cwd: root, ...rest });
}
