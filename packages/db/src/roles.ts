import type { Client } from "pg";
import { makeScramVerifier } from "./scram-verifier.ts";

/** Owns all tables; nobody signs in as it. */
export const ownerRole = "mailstead_owner";
/** Owns the few functions that work before an organisation is known; nobody signs in as it. */
export const signInRole = "mailstead_sign_in";
/** The dashboard. */
export const appRole = "mailstead_app";
/** Owns the functions that take agents in and lock them out; nobody signs in as it. */
export const enrolmentRole = "mailstead_enrolment";
/** The worker. */
export const systemRole = "mailstead_system";
/** The gateway, which faces the Internet: it records what agents say and asks for nothing. */
export const gatewayRole = "mailstead_gateway";
/** Holds the queue of deliveries, and nothing that cannot be derived from the tables. */
export const queueSchema = "mailstead_queue";

export interface RolePasswords {
  appPassword: string;
  systemPassword: string;
  gatewayPassword: string;
}

/**
 * Makes the roles and sets their passwords. The admin need not be a superuser; it must be allowed to create roles
 * and own the database.
 */
export async function prepareRoles(client: Client, passwords: RolePasswords): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await prepareOnce(client, passwords);
    } catch (error) {
      // Roles belong to the cluster, and another database of it may be migrated at this moment.
      if (attempt === attemptsMax || !collisions.has((error as { code?: string }).code ?? "")) throw error;
    }
  }
}

const attemptsMax = 10;
/** "tuple concurrently updated", a role or a membership that somebody else has just made. */
const collisions = new Set(["XX000", "23505", "42710"]);

async function prepareOnce(client: Client, passwords: RolePasswords): Promise<void> {
  for (const role of [ownerRole, signInRole, enrolmentRole]) await createRole(client, role, "nologin");
  for (const role of [appRole, systemRole, gatewayRole]) await createRole(client, role, "login");
  await setPassword(client, appRole, passwords.appPassword);
  await setPassword(client, systemRole, passwords.systemPassword);
  await setPassword(client, gatewayRole, passwords.gatewayPassword);
  // The owner hands functions over to these roles, and this connection works as the owner.
  await client.query(`grant ${signInRole}, ${enrolmentRole} to ${ownerRole}`);
  await client.query(`grant ${ownerRole} to current_user`);
  await grantSchema(client);
  await client.query("revoke create on schema public from public");
  await prepareQueueSchema(client);
}

/**
 * The worker makes the queue's tables, in the one schema that is its own. The gateway uses them and can put nothing
 * there: a trigger of its making would run with the rights of the worker.
 */
async function prepareQueueSchema(client: Client): Promise<void> {
  await client.query(`grant ${systemRole} to current_user`);
  await client.query(`create schema if not exists ${queueSchema} authorization ${systemRole}`);
  await client.query(`set role ${systemRole}`);
  try {
    await client.query(`grant usage on schema ${queueSchema} to ${gatewayRole}`);
    for (const [rights, kind] of [
      ["select, insert, update, delete", "tables"],
      ["select, usage", "sequences"],
    ]) {
      await client.query(`grant ${rights} on all ${kind} in schema ${queueSchema} to ${gatewayRole}`);
      await client.query(
        `alter default privileges in schema ${queueSchema} grant ${rights} on ${kind} to ${gatewayRole}`,
      );
    }
  } finally {
    await client.query("reset role");
  }
}

/** Granted once only: an admin who has become a member of the owner would be granting to its own grantor. */
async function grantSchema(client: Client): Promise<void> {
  const { rows } = await client.query<{ has: boolean }>(
    `select has_schema_privilege($1, 'public', 'create with grant option')
       and has_schema_privilege($1, 'public', 'usage with grant option') as has`,
    [ownerRole],
  );
  if (rows[0]?.has !== true)
    await client.query(`grant usage, create on schema public to ${ownerRole} with grant option`);
}

async function createRole(client: Client, role: string, login: "login" | "nologin"): Promise<void> {
  const found = await client.query("select from pg_roles where rolname = $1", [role]);
  if (found.rowCount === 0) await client.query(`create role ${role} ${login}`);
}

async function setPassword(client: Client, role: string, password: string): Promise<void> {
  // The verifier holds base64, $ and : only, so it cannot leave its quotes.
  await client.query(`alter role ${role} password '${makeScramVerifier(password)}'`);
}
