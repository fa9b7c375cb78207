import {
  environmentVariables,
  type Installation,
  installationFromEnvironment,
  parseEnvironment,
} from "../context/index.ts";

/** What seeding the demo reads from its environment: the settings of the worker and the web's role. */
export function readDemoEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): {
  appUrl: string;
  systemUrl: string;
  installation: Installation;
} {
  const { APP_DATABASE_URL, SYSTEM_DATABASE_URL } = environmentVariables;
  const parsed = parseEnvironment({ APP_DATABASE_URL, SYSTEM_DATABASE_URL }, source);
  return {
    appUrl: parsed.APP_DATABASE_URL,
    systemUrl: parsed.SYSTEM_DATABASE_URL,
    installation: installationFromEnvironment(source),
  };
}
