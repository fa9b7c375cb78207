import { mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type FakeHost, openFakeHost } from "../testing/fake-host.ts";
import { removeOldVersions } from "./old-versions.ts";

const folder = "/usr/lib/mailstead";
let host: FakeHost;
beforeEach(() => {
  host = openFakeHost(mkdtempSync(join(tmpdir(), "versions-")));
  // In the order in which they were installed.
  for (const [at, name] of ["agent-1", "agent-2", "agent-2b.new", "agent-3", "agent-4", "readme"].entries()) {
    host.write(`${folder}/${name}`, name);
    utimesSync(host.path(`${folder}/${name}`), 1000 + at, 1000 + at);
  }
});
afterEach(() => rmSync(host.root, { recursive: true, force: true }));

const linkTo = (name: string) => symlinkSync(name, host.path(`${folder}/mailstead-agent`));
const remove = (running: string) => removeOldVersions(host, host.path(running));
const present = () => readdirSync(host.path(folder)).toSorted();

it("an agent removes the versions that it replaced, and what a download that was cut short left of them", async () => {
  linkTo("agent-4");
  expect((await remove(`${folder}/agent-4`)).toSorted()).toEqual([
    "agent-1",
    "agent-2",
    "agent-2b.new",
    "agent-3",
  ]);
  expect(present()).toEqual(["agent-4", "mailstead-agent", "readme"]);
});

it("neither what is being installed nor what an installation may go back to is removed", async () => {
  linkTo("agent-2");
  await remove(`${folder}/agent-3`);
  expect(present()).toEqual(["agent-2", "agent-3", "agent-4", "mailstead-agent", "readme"]);
});

it("an agent that runs from elsewhere removes nothing", async () => {
  linkTo("agent-4");
  expect(await remove("/home/developer/agent")).toEqual([]);
});
