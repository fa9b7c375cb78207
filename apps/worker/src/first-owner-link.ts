import { createOwnerLink } from "@mailstead/services/access";
import { openDatabase } from "@mailstead/services/context";
import { readLinkEnvironment } from "./env.ts";
import { createSystemContext } from "./worker-context.ts";

/** Prints a one-time link for the first owner, or nothing once there is an organisation. */
async function printFirstOwnerLink(): Promise<void> {
  const env = readLinkEnvironment();
  const database = openDatabase(env.SYSTEM_DATABASE_URL);
  try {
    const link = await createOwnerLink(createSystemContext(database)());
    if (link) process.stdout.write(`${env.PUBLIC_URL}/welcome/${link.token}\n`);
  } finally {
    await database.close();
  }
}

try {
  await printFirstOwnerLink();
} catch (problem) {
  process.stderr.write(`${(problem as Error).message}\n`);
  process.exit(1);
}
