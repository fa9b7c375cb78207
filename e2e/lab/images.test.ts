import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "./command.ts";
import { describeLab } from "./describe-lab.ts";
import { waitFor } from "./wait-for.ts";

describeLab("a builder of images that is killed", () => {
  it("leaves nothing that is taken for an image, and nothing that goes on building", async () => {
    const cache = await mkdtemp(join(tmpdir(), "mailstead-images-"));
    const images = async (): Promise<string[]> => readdir(join(cache, "images")).catch(() => []);
    try {
      const builder = spawn(process.execPath, [join(import.meta.dirname, "cli.ts"), "images"], {
        stdio: "ignore",
        env: { ...process.env, MAILSTEAD_LAB_CACHE: cache },
      });
      const part = await waitFor("a layer under construction", async () => {
        const found = (await images()).find((name) => name.startsWith(".part-"));
        const isAtWork = found && (await readdir(join(cache, "images", found, "layer"))).length > 0;
        return isAtWork ? found : undefined;
      });
      builder.kill("SIGKILL");
      await waitFor(
        "the build's processes to end",
        async () => (await run(["pgrep", "-f", join(cache, "images", part)])).code === 1,
      );
      expect(
        (await images()).filter((name) => !name.startsWith(".part-") && !name.endsWith(".used")),
      ).toEqual([]);
      await waitFor(
        "the lock to be free",
        async () => (await run(["flock", "-n", "-x", join(cache, "images.lock"), "true"])).code === 0,
      );
    } finally {
      await rm(cache, { recursive: true, force: true });
    }
  });
});
