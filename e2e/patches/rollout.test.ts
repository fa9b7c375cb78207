import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import { openPatchFleet, type PatchFleet } from "./patch-fleet.ts";
import { canariesOf, expectUntouched, offerToAll, suitesOf, versionsOf } from "./rollout-checks.ts";

const log = (line: string): void => console.log(`patches: ${line}`);
const timeout = 1_000_000;

describeLab("a rollout of real packages over four hosts", () => {
  let fleet: PatchFleet | undefined;
  const opened = (): PatchFleet => {
    if (fleet === undefined) throw new Error("The fleet did not open.");
    return fleet;
  };

  beforeAll(async () => {
    fleet = await openPatchFleet({ log });
  });
  afterAll(() => fleet?.close());

  it("brings a good package to all, by a canary of each suite first", { timeout }, async () => {
    await offerToAll(opened(), { names: ["redis-tools", "redis-server"], suffix: "+lab1" });
    await opened().untilWaiting("redis", 4);
    const end = await opened().rollOut("redis");
    expect(end.state, end.story).toBe("finished");
    for (const { state } of end.members.values()) expect(state, end.story).toBe("succeeded");
    expect(suitesOf(canariesOf(end))).toEqual(["bookworm", "trixie"]);
    for (const version of Object.values(await versionsOf(opened(), "redis-server")))
      expect(version).toMatch(/\+lab1$/);
  });

  it("halts at the canaries when a package breaks IMAP, and they get back what they had", {
    timeout,
  }, async () => {
    const before = await versionsOf(opened(), "dovecot-imapd");
    await offerToAll(opened(), {
      names: [
        "dovecot-core",
        "dovecot-imapd",
        "dovecot-lmtpd",
        "dovecot-sieve",
        "dovecot-managesieved",
        "dovecot-sqlite",
      ],
      suffix: "+lab2",
      edit: async (folder, name) => {
        if (name !== "dovecot-imapd") return;
        const program = join(folder, "usr/lib/dovecot/imap");
        await writeFile(program, "#!/bin/sh\nexit 1\n");
        await chmod(program, 0o755);
      },
    });
    await opened().untilWaiting("dovecot", 4);
    const end = await opened().rollOut("dovecot");
    await expectUntouched(opened(), end, "+lab2");
    expect(await versionsOf(opened(), "dovecot-imapd"), end.story).toEqual(before);
  });

  it("halts where a package cannot be configured, and leaves no host half done", { timeout }, async () => {
    const before = await versionsOf(opened(), "postsrsd");
    await offerToAll(opened(), {
      names: ["postsrsd"],
      suffix: "+lab3",
      edit: (folder) =>
        writeFile(join(folder, "DEBIAN/postinst"), "#!/bin/sh\necho 'this one breaks' >&2\nexit 1\n", {
          mode: 0o755,
        }),
    });
    await opened().untilWaiting("postsrsd", 4);
    const end = await opened().rollOut("postsrsd");
    await expectUntouched(opened(), end, "+lab3");
    expect(await versionsOf(opened(), "postsrsd"), end.story).toEqual(before);
  });
});
