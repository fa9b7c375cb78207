import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { run } from "../lab/command.ts";
import { makeCheckout } from "./checkout.ts";
import { startControlPlane } from "./start.ts";
import { untilReleased } from "./until-released.ts";

const isRoot = process.getuid?.() === 0;
// Postgres wants an account that has a name; this one (daemon) is on every Debian and owns nothing that matters here.
const ordinaryUid = 1;

it("an ordinary user runs all of it, from a checkout of their own: build, database, apps and agent", async () => {
  const checkout = isRoot ? await makeCheckout(ordinaryUid, { remembersBuild: true }) : null;
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
