import { chown, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { must, run } from "../lab/command.ts";
import { startControlPlane } from "./start.ts";
import { untilReleased } from "./until-released.ts";

const repository = resolve(import.meta.dirname, "../..");
const isRoot = process.getuid?.() === 0;
// Postgres wants an account that has a name; this one (daemon) is on every Debian and owns nothing that matters here.
const ordinaryUid = 1;

it("an ordinary user runs all of it, from a checkout of their own: build, database, apps and agent", async () => {
  const checkout = isRoot ? await checkoutOf(ordinaryUid) : null;
  const controlPlane = await startControlPlane(
    checkout === null ? {} : { ofUser: { uid: ordinaryUid, checkout } },
  );
  onTestFinished(() => controlPlane.stop());
  expect((await fetch(`${controlPlane.url}/sign-in`)).status).toBe(200);
  expect((await fetch(controlPlane.ownerLink ?? "")).status).toBe(200);
  await untilReleased(controlPlane);
  expect((await fetch(`${controlPlane.url}/releases/linux-x64.release`)).status).toBe(200);

  const cluster = await stat(join(controlPlane.dataDir, "postgres", "cluster"));
  expect(cluster.uid).toBe(isRoot ? ordinaryUid : process.getuid?.());
  const ofRoot = await run(["pgrep", "-u", "root", "-f", controlPlane.dataDir]);
  expect(isRoot ? ofRoot.stdout : "", "nothing of it runs as root").toBe("");
});

/** A checkout that this user owns, with the packages that are installed here. */
async function checkoutOf(uid: number): Promise<string> {
  const checkout = await mkdtemp(join(tmpdir(), "mailstead-checkout-"));
  onTestFinished(() => rm(checkout, { recursive: true, force: true }));
  const { stdout: listed } = await must(["git", "-C", repository, "ls-files", "-z"]);
  const files = listed.split("\0").filter((file) => file !== "");
  await must(["cp", "--parents", "-t", checkout, ...files], { cwd: repository });
  await must(["chown", "-R", `${uid}:${uid}`, checkout]);
  // Linked rather than copied, and so still root's: they are read alone. What was built here has packages of its own.
  const isBuilt = ["-path", "*/.*/*"];
  const { stdout: packages } = await must(
    ["find", ".", "-name", "node_modules", "-prune", "-not", ...isBuilt],
    { cwd: repository },
  );
  for (const folder of packages.trim().split("\n"))
    await must(["cp", "-al", join(repository, folder), join(checkout, folder)]);
  await chown(checkout, uid, uid);
  return checkout;
}
