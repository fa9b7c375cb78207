import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tooFewOpenFiles } from "./open-files.ts";
import { parseSimulatorOptions } from "./options.ts";

const parse = (words: string) => parseSimulatorOptions(words.split(" ").filter((word) => word !== ""));

function makeFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mailstead-tokens-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "tokens");
  writeFileSync(path, text);
  return path;
}

test("without flags a hundred agents call a control plane of their own for some minutes", () => {
  expect(parse("")).toEqual({
    controlPlane: { kind: "own", ordersPerMinute: 60 },
    agents: 100,
    processes: 1,
    shares: {},
    seed: 1,
    minutes: 5,
    tellsTelemetry: true,
  });
});

test("a large fleet is spread over processes, and a file of tokens says how large one is", () => {
  expect(parse("--up .mailstead --agents 10001 --telemetry off")).toMatchObject({
    controlPlane: { kind: "up", dataDir: ".mailstead" },
    processes: 3,
    tellsTelemetry: false,
  });
  expect(parse(`--url https://control.example.net/ --tokens ${makeFile("one\n\ntwo\n")}`)).toMatchObject({
    controlPlane: { kind: "tokens", url: "https://control.example.net", tokens: ["one", "two"] },
    agents: 2,
  });
});

test.each([
  ["--agents many", /--agents must be a whole number from 1 to/],
  ["--agents 0", /--agents must be a whole number from 1 to/],
  ["--agents 200000", /--agents must be a whole number from 1 to 100000/],
  ["--processes 0", /--processes must be a whole number from 1 to/],
  ["--seed -1", /seed/],
  ["--minutes 0", /--minutes must be a number above 0/],
  ["--telemetry maybe", /--telemetry must be on or off, not "maybe"/],
  ["--faults lazy=5%", /no fault "lazy"/],
  ["--own --up .mailstead", /--own and --up name two control planes/],
  ["--up .mailstead --orders 5", /--orders goes with --own alone/],
  ["--url ftp://control.example.net", /--url must be the address of a control plane/],
  ["--url https://control.example.net", /--url needs --tokens/],
  ["--tokens file", /--tokens goes with --url/],
  ["--url https://control.example.net --tokens /nowhere/tokens", /cannot be read/],
  ["--what", /Unknown option '--what'.*use npm run fleet-sim/s],
  ["word", /use npm run fleet-sim/],
])("%s is refused with a sentence", (words, sentence) => {
  expect(() => parse(words)).toThrow(sentence);
});

test("a file without a token, and more agents than tokens, are refused with a sentence", () => {
  expect(() => parse(`--url https://control.example.net --tokens ${makeFile("\n")}`)).toThrow(/is empty/);
  expect(() => parse(`--url https://control.example.net --tokens ${makeFile("one")} --agents 2`)).toThrow(
    /asks for 2 and the file of --tokens holds 1/,
  );
});

test("more connections than a process may open are refused with what to do", () => {
  expect(tooFewOpenFiles(1)).toBeNull();
  expect(tooFewOpenFiles(1e12)).toMatch(/ulimit -n/);
});
