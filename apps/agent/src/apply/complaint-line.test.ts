import type { RenderedFile } from "@mailstead/core/converge";
import { expect, it } from "vitest";
import { withLine } from "./complaint-line.ts";

const file = (path: string, content: string, isSecret = false): RenderedFile => ({
  path,
  owner: "root",
  group: "root",
  mode: 0o644,
  content,
  service: "postfix",
  isSecret,
});
const writes = [
  file("/etc/postfix/main.cf", "# ours\nmyhostname = a.example\nmessage_size_limit = a-lot\n"),
  file("/etc/postfix/relay-passwords", "relay.example user:hunter2\n", true),
  file("/etc/rspamd/local.d/options.inc", "# mine\ntask_timeout = yes;\ndns {\n  timeout = 5s;\n}\n"),
];

it.each([
  [
    "/etc/postfix/main.cf, line 2: it is bad",
    '/etc/postfix/main.cf, line 2: it is bad — line 2 of /etc/postfix/main.cf reads "myhostname = a.example"',
  ],
  [
    "postconf: fatal: bad numerical configuration: message_size_limit = a-lot",
    'postconf: fatal: bad numerical configuration: message_size_limit = a-lot — line 3 of /etc/postfix/main.cf reads "message_size_limit = a-lot"',
  ],
  [
    "rcl parse error: cannot convert boolean to double in option task_timeout",
    'rcl parse error: cannot convert boolean to double in option task_timeout — line 2 of /etc/rspamd/local.d/options.inc reads "task_timeout = yes;"',
  ],
])("adds the line that a complaint is about: %s", (problem, said) => {
  expect(withLine(problem, writes)).toBe(said);
});

it.each([
  "/etc/postfix/../shadow, line 1: syntax error",
  "/etc/postfix/../../root/.ssh/id_ed25519, line 1: syntax error",
  "/etc/shadow: line 1: syntax error",
  "/etc/postfix/master.cf, line 1: a file that this change does not write",
  "/etc/postfix/master.cf, line 1: message_size_limit is bad in a file that this change does not write",
  "/etc/postfix/relay-passwords, line 1: bad",
  "relay.example user:hunter2 is bad",
  "/etc/postfix/main.cf, line 99: there is no such line",
  "something is wrong",
])("adds nothing to %j", (problem) => {
  expect(withLine(problem, writes)).toBe(problem);
});

it("adds nothing when two lines could be meant", () => {
  const two = [file("/etc/a.conf", "timeout = 1;\n"), file("/etc/b.conf", "timeout = 2;\n")];
  expect(withLine("cannot convert in option timeout", two)).toBe("cannot convert in option timeout");
});

it("quotes no more of a line than a sentence takes, and no half of a character", () => {
  const said = withLine("/etc/x.conf line 1", [file("/etc/x.conf", `a${"📬".repeat(400)}\n`)]);
  expect(said.length).toBeLessThan(400);
  expect(said.isWellFormed()).toBe(true);
});
