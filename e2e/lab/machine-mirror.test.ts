import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseDeb822Sources, parseOneLineSources, readMachineMirror } from "./machine-mirror.ts";

describe("the mirror of this machine", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mailstead-apt-"));
    await mkdir(join(folder, "sources.list.d"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is found among sources of other vendors, in either of apt's formats", async () => {
    await writeFile(
      join(folder, "sources.list.d/vendor.list"),
      "deb [signed-by=/k.gpg] https://vendor.example/apt any main\n",
    );
    await writeFile(
      join(folder, "sources.list"),
      "# deb http://old.example/debian bookworm main\ndeb http://mirror.example/debian/ bookworm main\ndeb http://mirror.example/debian-security bookworm-security main\n",
    );
    expect(await readMachineMirror(folder)).toEqual({
      main: "http://mirror.example/debian",
      security: "http://mirror.example/debian-security",
    });
    await writeFile(join(folder, "sources.list"), "");
    await writeFile(
      join(folder, "sources.list.d/debian.sources"),
      "Types: deb\nURIs: http://other.example/debian\nSuites: trixie trixie-updates\nComponents: main\n",
    );
    expect(await readMachineMirror(folder)).toEqual({
      main: "http://other.example/debian",
      security: undefined,
    });
  });

  it("is missed by name when no source is Debian's", async () => {
    await expect(readMachineMirror(folder)).rejects.toThrow(/names no Debian mirror/);
  });

  it("is not taken from a disabled stanza or a comment", () => {
    expect(parseDeb822Sources("Enabled: no\nURIs: http://a.example\nSuites: trixie\n")).toEqual([]);
    expect(parseOneLineSources("# deb http://a.example trixie main\n")).toEqual([]);
  });
});
