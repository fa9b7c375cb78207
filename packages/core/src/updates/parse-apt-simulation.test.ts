import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAptSimulation } from "./index.ts";

const golden = join(import.meta.dirname, "golden");

describe.each(["debian-12", "debian-13"])("what apt of %s would do", (name) => {
  const text = readFileSync(join(golden, `${name}.apt`), "utf8");
  const told = parseAptSimulation(text);

  test("is read whole", async () => {
    const lines = text.split("\n");
    expect(told.installs).toHaveLength(lines.filter((line) => line.startsWith("Inst ")).length);
    expect(told.removals).toHaveLength(lines.filter((line) => line.startsWith("Remv ")).length);
    await expect(`${JSON.stringify(told, null, 1)}\n`).toMatchFileSnapshot(join(golden, `${name}.golden`));
  });

  test("tells new packages from newer ones, and security from the rest", () => {
    const { installs } = told;
    expect(installs.find(({ name: of }) => of === "linux-image-amd64")).toMatchObject({ from: null });
    expect(installs.filter(({ from }) => from === null).length).toBeGreaterThan(1);
    expect(installs.some(({ isSecurity, from }) => !isSecurity && from !== null)).toBe(true);
    expect(installs.some(({ isSecurity, origins }) => isSecurity && origins.length === 2)).toBe(true);
  });
});

test.each([
  [
    "another architecture",
    "Inst libc6:i386 [2.36-9] (2.36-9+deb12u1 Debian:12.15/oldstable [i386])",
    { name: "libc6", architecture: "i386", from: "2.36-9", to: "2.36-9+deb12u1", isSecurity: false },
  ],
  [
    "an archive whose name has spaces, with what is broken meanwhile",
    "Inst a [1] (2 Debian Backports:bookworm-backports [all]) [b:amd64 on a:amd64] [b:amd64 ]",
    { name: "a", architecture: "all", from: "1", to: "2", origins: ["Debian Backports:bookworm-backports"] },
  ],
  [
    "no archive",
    "Inst a (2 [amd64])",
    { name: "a", architecture: "amd64", from: null, to: "2", origins: [], isSecurity: false },
  ],
])("a line with %s is read", (_what, line, expected) => {
  expect(parseAptSimulation(line).installs).toEqual([expect.objectContaining(expected)]);
});

test("what is no plan of apt's is passed over", () => {
  for (const text of ["", "Inst", "Inst a", "Conf a (1 x [amd64])", "E: Unmet dependencies.", "Inst a (b)"])
    expect(parseAptSimulation(text)).toEqual({ installs: [], removals: [] });
});
