import { openDatabase } from "../context/index.ts";
import { readDemoEnvironment } from "./env.ts";
import { demoAccount, hasDemoAccount, seedDemo } from "./seed-demo.ts";

// `npm run up -- --demo` runs this. It prints how to sign in, or nothing when the database holds a fleet of somebody's own.
const { appUrl, systemUrl, installation } = readDemoEnvironment();
const [app, system] = [openDatabase(appUrl), openDatabase(systemUrl)];
try {
  await seedDemo({ app, system, installation, now: new Date() });
  if (await hasDemoAccount(app))
    process.stdout.write(`sign in as ${demoAccount.email} with the password ${demoAccount.password}\n`);
} finally {
  await Promise.all([app.close(), system.close()]);
}
