// npm test, on any Node >= 20 and with nothing installed: installs what the lockfile names, then hands over to Node 24.
import { fail, installPackages, requireNode, runProjectNode } from "../install/bootstrap.mjs";

requireNode();
try {
  await installPackages();
} catch (error) {
  fail(error.message);
}
process.exit(await runProjectNode("infra/test/main.ts", process.argv.slice(2)));
