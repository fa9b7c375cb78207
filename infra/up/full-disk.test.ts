import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createTestDatabase } from "../postgres/testing.ts";
import { onSmallDisk, whyNoSmallDisk } from "./testing/small-disk.ts";
import { makeInstallation } from "./testing/small-installation.ts";
import { spawnUp } from "./testing/spawn-up.ts";

vi.setConfig({ testTimeout: 120_000 });

const reason = whyNoSmallDisk();
const pageKib = 4;

describe.skipIf(reason !== null)(
  `up on a disk that fills while it starts${reason === null ? "" : ` (skipped: ${reason})`}`,
  () => {
    let databaseUrl: string;
    beforeAll(async () => {
      const database = await createTestDatabase({ key: "empty", prepare: async () => undefined });
      databaseUrl = database.url;
      return database.drop;
    });

    const refusal = async (
      disk: (installation: Awaited<ReturnType<typeof makeInstallation>>) => readonly string[],
      build?: string,
    ) => {
      const installation = await makeInstallation({
        environment: { DATABASE_URL: databaseUrl },
        ...(build === undefined ? {} : { build }),
      });
      mkdirSync(join(installation.root, "apps/web/public"));
      writeFileSync(join(installation.root, "apps/web/public/picture"), "x".repeat(64 * 1024));
      const { child, ended, errors } = spawnUp(installation, disk(installation));
      onTestFinished(() => void child.kill("SIGKILL"));
      expect(await ended).toBe(1);
      expect(installation.livingProcesses()).toEqual([]);
      return { ...installation, errors: errors() };
    };

    // The lock is the first of these small files; each takes a page.
    test.each([
      ["secrets.json", 1],
      ["signing-key.pem", 2],
      ["signing-key.pub.pem", 3],
      ["children.json", 4],
      ["ready.json", 5],
    ])("refuses with one sentence when %s finds no room after %i other files", async (_file, others) => {
      const { errors, dataDir } = await refusal((one) => onSmallDisk(one.dataDir, others * pageKib));
      expect(errors).toBe(
        `The disk that holds ${dataDir} is full, or your share of it is used up; make room and start again, or choose another place with --data-dir.\n`,
      );
    });

    test("refuses with one sentence when the build of the dashboard cannot be copied", async () => {
      const { errors, root } = await refusal((one) =>
        onSmallDisk(join(one.root, ".mailstead/web-builds"), 16),
      );
      expect(errors).toMatch(
        /^The disk that holds .+ is full, or your share of it is used up; make room and start again\.\n$/,
      );
      expect(errors).toContain(join(root, ".mailstead/web-builds"));
    });

    test("refuses with one sentence when the compiler of the dashboard finds no room", async () => {
      const build = 'require("node:fs").writeFileSync("compiled", "x".repeat(2 ** 22));';
      const { errors, root } = await refusal((one) => onSmallDisk(one.root, 1024), build);
      expect(errors).toBe(
        `The disk that holds ${root}/apps/web is full, or your share of it is used up; make room and start again.\n`,
      );
    });
  },
);
