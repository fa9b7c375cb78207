import type { RolePasswords } from "./roles.ts";

/** What the migration script reads from its environment. Throws one sentence that names what is missing. */
export function readMigrateEnvironment(): { adminUrl: string } & RolePasswords {
  return {
    adminUrl: required("DATABASE_URL"),
    appPassword: required("MAILSTEAD_APP_DB_PASSWORD"),
    systemPassword: required("MAILSTEAD_SYSTEM_DB_PASSWORD"),
    gatewayPassword: required("MAILSTEAD_GATEWAY_DB_PASSWORD"),
  };
}

/** A variable of the environment that a script cannot do without. */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set; set it and run the command again.`);
  return value;
}
