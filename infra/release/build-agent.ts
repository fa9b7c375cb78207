// npm run build:agent [-- --out FOLDER]: makes the signed agent release that web hands out to hosts.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { provideSigningKey } from "../up/secrets.ts";
import { StartError } from "../up/start-error.ts";
import { buildRelease } from "./build-release.ts";
import { ReleaseError } from "./release-error.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { out: { type: "string" } } });
const dataDir = resolve(root, ".mailstead");
const releasesDir = resolve(root, values.out ?? `${dataDir}/releases`);

try {
  const signingKeyFile =
    process.env["MAILSTEAD_SIGNING_KEY_FILE"] ?? provideSigningKey(dataDir).privateKeyFile;
  const { version, isReused, problems } = await buildRelease({ root, releasesDir, signingKeyFile });
  for (const problem of problems) console.log(problem);
  console.log(`Agent ${version} is ${isReused ? "up to date" : "built"} in ${releasesDir}.`);
} catch (error) {
  console.error(error instanceof ReleaseError || error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
