import { expect, test } from "vitest";
import { callsLoopback } from "./install-command.ts";

test.each([
  ["http://localhost:3000", true],
  ["http://127.0.0.1:3000", true],
  ["http://[::1]:3000", true],
  ["https://mail.example.net", false],
  ["https://localhost.example.net", false],
  ["http://192.0.2.7:3000", false],
])("a command that calls %s calls the machine it runs on: %s", (url, isLoopback) => {
  expect(callsLoopback(`curl -fsSL ${url}/install.sh | sudo sh -s -- ms1.a.b`)).toBe(isLoopback);
});
