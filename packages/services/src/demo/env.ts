import { z } from "zod";
import { type Installation, installationFromEnvironment, parseEnvironment } from "../context/index.ts";

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ });

/** What seeding the demo reads from its environment: the settings of the worker and the web's role. */
export function readDemoEnvironment(source: Readonly<Record<string, string | undefined>> = process.env): {
  appUrl: string;
  systemUrl: string;
  installation: Installation;
} {
  const parsed = parseEnvironment(
    {
      APP_DATABASE_URL: {
        schema: databaseUrl,
        sentence: "APP_DATABASE_URL must be a postgres:// address of the role mailstead_app.",
      },
      SYSTEM_DATABASE_URL: {
        schema: databaseUrl,
        sentence: "SYSTEM_DATABASE_URL must be a postgres:// address of the role mailstead_system.",
      },
    },
    source,
  );
  return {
    appUrl: parsed.APP_DATABASE_URL,
    systemUrl: parsed.SYSTEM_DATABASE_URL,
    installation: installationFromEnvironment(source),
  };
}
