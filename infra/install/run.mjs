// Runs one of the project's programs on any Node >= 20: installs what the lockfile names, then hands over to Node 24.
import { fail, installPackages, requireNode, runProjectNode } from "./bootstrap.mjs";

const [program, ...args] = process.argv.slice(2);
if (program === undefined) fail("run.mjs needs the path of a program.");
requireNode();
try {
  await installPackages();
} catch (error) {
  fail(error.message);
}
process.exit(await runProjectNode(program, args));
