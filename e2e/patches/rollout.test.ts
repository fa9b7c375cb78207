import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import { installedOn, type Repacking } from "../lab/package-repository.ts";
import { openPatchFleet, type PatchFleet, patchedHosts, type RolloutEnd } from "./patch-fleet.ts";

const log = (line: string): void => console.log(`patches: ${line}`);
const timeout = 1_000_000;

describeLab("a rollout of real packages over four hosts", () => {
  let fleet: PatchFleet | undefined;
  const opened = (): PatchFleet => {
    if (fleet === undefined) throw new Error("The fleet did not open.");
    return fleet;
  };

  beforeAll(async () => {
    fleet = await openPatchFleet(log);
  });
  afterAll(() => fleet?.close());

  const versionsOf = async (name: string): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const host of patchedHosts)
      found[host.name] = (await installedOn(opened().host(host.name), name)).version;
    return found;
  };
  /** Offers each suite its own packages under newer versions. */
  const offer = async (repacking: Repacking): Promise<void> => {
    for (const first of ["mail1", "mail2"]) await opened().repository.offer(opened().host(first), repacking);
  };
  const canariesOf = ({ members }: RolloutEnd): string[] =>
    [...members].filter(([, { wave }]) => wave === 0).map(([name]) => name);
  const isWhole = async (name: string) => (await opened().host(name).must(["dpkg", "--audit"])) === "";
  /** Canaries have what they had, and the others never saw the new version. */
  const expectUntouched = async (end: RolloutEnd, suffix: string) => {
    expect(end.state, end.story).toBe("halted");
    expect(canariesOf(end), end.story).toHaveLength(2);
    for (const [name, { state, wave }] of end.members) {
      expect(state, `${name}: ${end.story}`).toBe(wave === 0 ? "restored" : "waiting");
      expect(await isWhole(name), end.story).toBe(true);
      if (wave === 0) continue;
      const log = await opened().host(name).readFile("/var/log/dpkg.log");
      expect(log).not.toContain(suffix);
    }
  };

  it("brings a good package to all, by a canary of each suite first", { timeout }, async () => {
    await offer({ names: ["redis-tools", "redis-server"], suffix: "+lab1" });
    await opened().untilWaiting("redis", 4);
    const end = await opened().rollOut("redis");
    expect(end.state, end.story).toBe("finished");
    for (const { state } of end.members.values()) expect(state, end.story).toBe("succeeded");
    const suites = canariesOf(end).map((name) => patchedHosts.find((host) => host.name === name)?.suite);
    expect(suites.toSorted()).toEqual(["bookworm", "trixie"]);
    for (const version of Object.values(await versionsOf("redis-server"))) expect(version).toMatch(/\+lab1$/);
  });

  it("halts at the canaries when a package breaks IMAP, and they get back what they had", {
    timeout,
  }, async () => {
    const before = await versionsOf("dovecot-imapd");
    await offer({
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
    await expectUntouched(end, "+lab2");
    expect(await versionsOf("dovecot-imapd"), end.story).toEqual(before);
  });

  it("halts where a package cannot be configured, and leaves no host half done", { timeout }, async () => {
    const before = await versionsOf("postsrsd");
    await offer({
      names: ["postsrsd"],
      suffix: "+lab3",
      edit: (folder) =>
        writeFile(join(folder, "DEBIAN/postinst"), "#!/bin/sh\necho 'this one breaks' >&2\nexit 1\n", {
          mode: 0o755,
        }),
    });
    await opened().untilWaiting("postsrsd", 4);
    const end = await opened().rollOut("postsrsd");
    await expectUntouched(end, "+lab3");
    expect(await versionsOf("postsrsd"), end.story).toEqual(before);
  });
});
