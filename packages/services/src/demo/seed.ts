import { openDatabase } from "../context/index.ts";
import { readDemoEnvironment } from "./env.ts";
import { seedDemo } from "./seed-demo.ts";

// `npm run up -- --demo` runs this. It prints the account to sign in with, or nothing when there is a fleet already.
const { appUrl, systemUrl, installation } = readDemoEnvironment();
const [app, system] = [openDatabase(appUrl), openDatabase(systemUrl)];
try {
  const account = await seedDemo({ app, system, installation, now: new Date() });
  if (account !== null)
    process.stdout.write(`Demo fleet: sign in as ${account.email} with the password ${account.password}\n`);
} finally {
  await Promise.all([app.close(), system.close()]);
}
