import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { destroyDkimKey } from "./destroy-dkim-key.ts";
import type { ApplyContext } from "./executor.ts";

const folder = "/var/lib/mailstead-dkim";
let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "dkim-")));
  mkdirSync(host.path(folder), { recursive: true });
});
afterEach(() => rmSync(host.root, { recursive: true }));

it("removes the key that it is told, no other, and is content when it is gone already", async () => {
  const [ended, kept] = ["alpha.example.s1.key", "alpha.example.s2.key"].map((name) => `${folder}/${name}`);
  for (const path of [ended, kept]) writeFileSync(host.path(path ?? ""), "key");
  const destroy = () =>
    destroyDkimKey.apply(
      {
        kind: "destroy-dkim-key",
        id: "k",
        title: "k",
        weight: 1,
        domain: "alpha.example",
        selector: "s1",
        path: ended ?? "",
      },
      { host } as unknown as ApplyContext,
    );
  expect(await destroy()).toEqual({ outcome: "changed" });
  expect([ended, kept].map((path) => existsSync(host.path(path ?? "")))).toEqual([false, true]);
  expect(await destroy()).toEqual({ outcome: "unchanged" });
});
