// npm run build:agent [-- --out FOLDER] [--roll-back-from VERSION]: makes the signed agent release that web hands out to
// hosts; with versions to roll back from, hosts that run one of them may go back to this one.
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { provideSigningKey } from "../up/secrets.ts";
import { StartError } from "../up/start-error.ts";
import { buildRelease } from "./build-release.ts";
import { ReleaseError } from "./release-error.ts";

const root = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({
  options: { out: { type: "string" }, "roll-back-from": { type: "string", multiple: true } },
});
const dataDir = resolve(root, ".mailstead");
const releasesDir = resolve(root, values.out ?? `${dataDir}/releases`);

try {
  // An everyday build needs the public half only: the release key signs, and the papers that lead to it are there.
  const signingKeyFile =
    process.env["MAILSTEAD_SIGNING_KEY_FILE"] ??
    process.env["MAILSTEAD_SIGNING_PUBLIC_KEY_FILE"] ??
    provideSigningKey(dataDir).privateKeyFile;
  const releaseKeyFile = process.env["MAILSTEAD_RELEASE_KEY_FILE"];
  const rollsBackFrom = values["roll-back-from"];
  const { version, isReused, problems } = await buildRelease({
    ...{ root, releasesDir, signingKeyFile },
    ...(releaseKeyFile === undefined ? {} : { releaseKeyFile }),
    ...(rollsBackFrom === undefined ? {} : { rollsBackFrom }),
  });
  for (const problem of problems) console.log(problem);
  console.log(`Agent ${version} is ${isReused ? "up to date" : "built"} in ${releasesDir}.`);
} catch (error) {
  console.error(error instanceof ReleaseError || error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
