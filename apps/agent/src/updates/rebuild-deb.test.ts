import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Host } from "../platform/host.ts";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { quietJob } from "../testing/test-identity.ts";
import { rebuildDeb } from "./rebuild-deb.ts";

const wanted = { name: "tool", architecture: "amd64", version: "1.0-1" } as const;
const folder = "/var/lib/mailstead/kept-packages/incoming";

let fake: FakeHost;
beforeEach(() => {
  fake = openFakeHost(mkdtempSync(join(tmpdir(), "rebuild-")));
});
afterEach(() => rmSync(fake.root, { recursive: true, force: true }));

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** A host on which dpkg has one package, with these conffiles and what they were shipped as. */
function hostWith(conffiles: Readonly<Record<string, string>>): Host {
  const lines = Object.entries(conffiles).map(([path, shipped]) => ` ${path} ${md5(shipped)}\n`);
  const told: Record<string, string> = {
    "--status": `Package: tool\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\nConffiles:\n${lines.join("")}Description: a tool\n`,
    "--listfiles": `/.\n/etc\n/etc/tool\n/etc/tool/parts.d\n${Object.keys(conffiles).join("\n")}\n`,
    "--control-path": "",
  };
  return {
    ...fake,
    async run(argv, options) {
      const good = (stdout = "") => ({ exitCode: 0, stdout, stderr: "", hasTimedOut: false });
      if (argv[0] === "dpkg-query") return good(told[argv[1] ?? ""]);
      return argv.includes("dpkg-deb") ? good() : fake.run(argv, options);
    },
  };
}

test("conffiles go in as shipped, as the owner's with an empty line more, and empty where the owner took them away with their folder", async () => {
  const [kept, edited, gone] = ["/etc/tool/kept", "/etc/tool/edited", "/etc/tool/parts.d/gone"] as const;
  fake.write(kept, "as shipped\n");
  fake.write(edited, "the owner's\n");
  const host = hostWith({ [kept]: "as shipped\n", [edited]: "as shipped\n", [gone]: "as shipped\n" });
  expect(await rebuildDeb({ host, job: quietJob().job }, wanted, folder)).toBe(`${folder}/rebuilt.deb`);
  const packed = (path: string) => fake.read(join(folder, "tree", path));
  expect([kept, edited, gone].map(packed)).toEqual(["as shipped\n", "the owner's\n\n", ""]);
  expect(packed("DEBIAN/conffiles")).toBe(`${kept}\n${edited}\n${gone}\n`);
});
