import { expect, test } from "vitest";
import { createLineWriter } from "./log-lines.ts";

test.each([
  ["plain text stays as it is", "Listening\n", ["web      │ Listening"]],
  [
    "a line that arrives in parts is printed once",
    ["Lis", "ten", "ing\nNext"],
    ["web      │ Listening", "web      │ Next"],
  ],
  [
    "an entry shows message and fields",
    '{"level":30,"time":0,"pid":1,"hostname":"h","msg":"job sent","jobId":"7","why":"a b"}\n',
    [/^web {6}│ \d\d:\d\d:\d\d job sent jobId=7 why="a b"$/],
  ],
  [
    "an error says so and shows where it came from",
    '{"level":50,"msg":"lost","err":{"message":"x","stack":"Error: x\\n    at y"}}\n',
    ["web      │ error: lost err=\nError: x\n    at y"],
  ],
  ["broken JSON is shown, not lost", '{"level":30\n', ['web      │ {"level":30']],
])("%s", (_promise, chunks, lines) => {
  const printed: string[] = [];
  const writer = createLineWriter(
    { nameWidth: 8, hasColour: false, print: (line) => printed.push(line) },
    "web",
    "cyan",
  );
  for (const chunk of [chunks].flat()) writer.write(chunk);
  writer.flush();
  expect(printed).toEqual(
    lines.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))),
  );
});

test("the level of an error is seen in colour and in words", () => {
  const printed: string[] = [];
  createLineWriter(
    { nameWidth: 3, hasColour: true, print: (line) => printed.push(line) },
    "web",
    "cyan",
  ).write('{"level":40,"msg":"slow"}\n');
  expect(printed).toEqual(["\x1b[36mweb\x1b[0m \x1b[2m│\x1b[0m \x1b[33mwarning: slow\x1b[0m"]);
});
