import { expect, test } from "vitest";
import { fileTree, type TreeNode } from "./file-tree.ts";

const show = (nodes: readonly TreeNode<{ path: string }>[]): unknown =>
  nodes.map((node) => (node.kind === "file" ? node.name : { [node.name]: show(node.children) }));

test("folders come first, each in order of names, and a chain of single folders is one line", () => {
  const files = [
    "/etc/postfix/main.cf",
    "/etc/postfix/sql/domains.cf",
    "/etc/rspamd/local.d/dkim.conf",
    "/etc/mailname",
  ];
  expect(show(fileTree(files.map((path) => ({ path }))))).toEqual([
    {
      etc: [
        { postfix: [{ sql: ["domains.cf"] }, "main.cf"] },
        { "rspamd/local.d": ["dkim.conf"] },
        "mailname",
      ],
    },
  ]);
});
