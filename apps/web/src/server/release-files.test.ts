import { expect, test } from "vitest";
import { releasePath } from "./release-files.ts";

test.each([
  [["0.1.0", "mailstead-agent-linux-x64.gz"], "/srv/releases/0.1.0/mailstead-agent-linux-x64.gz"],
  [["..", "signing-key.pem"], null],
  [["0.1.0", "..", "..", "etc"], null],
  [[".hidden"], null],
  [["a/b"], null],
  [["a\0b"], null],
  [[], null],
])("%j leads to %s", (segments, file) => {
  expect(releasePath("/srv/releases", segments)).toBe(file);
});
