import { describe, expect, test } from "vitest";
import type { RenderedStack } from "../../converge/index.ts";
import { renderStack } from "../render-stack.ts";
import { sampleTarget } from "../sample-target.testing.ts";

const [alpha, beta] = sampleTarget().domains;
const limits = { connectionsMax: 2, secondsBetweenMessages: 5, recipientsPerMessageMax: 5 };
const measure = { id: "0193a5b0-7c1e-7000-8000-00000000000a", kind: "throttle", provider: "gmail", limits };
const home = { role: "home", hostname: "mail.home.example", ipAddresses: ["198.51.100.1"] } as const;

/** Servers that ask the directory for different things. */
const targets = {
  plain: sampleTarget(),
  "one with a measure": sampleTarget({ measures: [measure] }),
  "one that hands a domain on": sampleTarget({
    domains: [{ ...alpha, share: { role: "mx", others: [home] } }, beta],
  }),
};

describe.each(["bookworm", "trixie"] as const)("the tables of the directory on %s", (suite) => {
  const stackOf = (target: (typeof targets)["plain"]) => renderStack(target, { suite, openSecret: () => "" });
  const approvedBefore = approvedBy(stackOf(targets.plain));

  test.each(Object.entries(targets))(
    "of a server that is %s are approved before it asks them",
    (_, target) => {
      const proxied = stackOf(target)
        .files.filter(({ path }) => /^\/etc\/postfix\/(main|master)\.cf$/.test(path))
        .flatMap(({ content }) => content.match(/\bproxy:[^\s,{}]+/g) ?? []);
      expect(proxied).not.toHaveLength(0);
      expect(approvedBefore).toEqual(expect.arrayContaining(proxied));
    },
  );

  test.each(Object.entries(targets))(
    "of a server that is %s all stand before the file that names them",
    (_, target) => {
      const stack = stackOf(target);
      const paths = stack.files.map(({ path }) => path).filter((path) => path.startsWith("/etc/postfix/"));
      expect(paths.slice(-2)).toEqual(["/etc/postfix/main.cf", "/etc/postfix/master.cf"]);
      const approved = approvedBy(stack).map(
        (table) => `/etc/postfix/${table.split("$config_directory/")[1]}`,
      );
      expect(paths).toEqual(expect.arrayContaining(approved));
      expect(new Set(paths).size).toBe(paths.length);
    },
  );
});

function approvedBy({ files }: RenderedStack): string[] {
  const mainCf = files.find(({ path }) => path === "/etc/postfix/main.cf")?.content ?? "";
  return /^proxy_read_maps = (.*)$/m.exec(mainCf)?.[1]?.split(", ") ?? [];
}
