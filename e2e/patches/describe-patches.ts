import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type UpdateResult, updateResultSchema } from "@mailstead/core/updates";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileAgent, ended, storyOf } from "../agent/agent-host.ts";
import { killAtRecord } from "../agent/killer.ts";
import { ManagedHost } from "../agent/managed-host.ts";
import { TestGateway, type TrackedJob } from "../agent/test-gateway.ts";
import { describeLab } from "../lab/describe-lab.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { installedOn, PackageRepository, type RepositoryPackage } from "../lab/package-repository.ts";
import { installedOfSource } from "./version-pairs.ts";

const labPort = 8080;

/** Declares what holds when a host that serves mail is brought to real packages of other versions, and back. */
export function describePatches(title: string, suite: Suite): void {
  describeLab(title, () => {
    const gateway = new TestGateway();
    let lab: Lab;
    let folder: string;
    let host: LabHost;
    let server: ManagedHost;
    let repository: PackageRepository;

    beforeAll(async () => {
      const hostPort = await gateway.listen();
      gateway.publicUrl = `http://control.lab:${labPort}`;
      folder = await mkdtemp(join(tmpdir(), "patches-"));
      const agentPath = await compileAgent(folder);
      lab = await openLab({
        hosts: [{ name: "mail1", suite, image: "stack" }],
        zones: ["alpha.example"],
        expose: [{ labPort, hostPort }],
        receivers: false,
      });
      host = lab.host("mail1");
      server = await ManagedHost.enrol({ lab, gateway, host, agentPath });
      const job = await server.converge();
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
      await server.makeMailbox();
      repository = await PackageRepository.open(lab);
      await repository.addTo(host);
    });
    afterAll(async () => {
      await repository?.close();
      await lab?.close();
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    });

    type Verb = "install-updates" | "roll-back-updates";
    const order = (verb: Verb, packages: readonly RepositoryPackage[]): TrackedJob =>
      gateway.order(server.agent.serverId, { verb, args: { packages: [...packages] } });
    const run = (verb: Verb, packages: readonly RepositoryPackage[]) => ended(order(verb, packages));
    const resultOf = (job: TrackedJob): UpdateResult => {
      if (job.outcome?.kind !== "succeeded")
        throw new Error(`${JSON.stringify(job.outcome ?? job.refused)}\n${storyOf(job)}`);
      return updateResultSchema.parse(job.outcome.result);
    };
    const problemOf = (job: TrackedJob): string =>
      job.outcome?.kind === "failed" ? `${job.outcome.retry}: ${job.outcome.problem}` : storyOf(job);
    const installed = (names: readonly string[]) => Promise.all(names.map((name) => installedOn(host, name)));
    /** The lists do not know of it yet, which the agent finds out. */
    const offer: PackageRepository["offer"] = (...input) => repository.offer(...input);
    const changesBetween = (before: readonly RepositoryPackage[], after: readonly RepositoryPackage[]) =>
      before.map(({ name, architecture, version }, index) => ({
        name,
        architecture,
        from: version,
        to: after[index]?.version,
      }));
    const isWhole = async (): Promise<boolean> => (await host.must(["dpkg", "--audit"])) === "";

    it("brings packages to the versions of the order and back, and mail goes on with both", async () => {
      const names = ["redis-tools", "redis-server"];
      const before = await installed(names);
      const offered = await offer(host, { names, suffix: "+lab1" });
      const there = resultOf(await run("install-updates", offered));
      expect(there).toMatchObject({ withoutWayBack: [], keptConffiles: [] });
      expect(there.changes).toEqual(changesBetween(before, offered));
      expect(await installed(names)).toEqual(offered);
      expect(there.outdatedUnits).not.toContain("redis-server.service");
      await server.carriesLetter("After an update");
      // The way back needs no mirror.
      await repository.forget(offered);
      const back = resultOf(await run("roll-back-updates", before));
      expect(back.changes).toEqual(changesBetween(offered, before));
      expect(await installed(names)).toEqual(before);
      expect(await server.isUp("redis-server.service")).toBe(true);
      await server.carriesLetter("After the way back");
    });

    it("leaves what apt takes for automatically installed so", async () => {
      const names = ["redis-tools"];
      await host.must(["apt-mark", "auto", ...names]);
      const [before] = await installed(names);
      const offered = await offer(host, { names: ["redis-tools", "redis-server"], suffix: "+lab2" });
      resultOf(await run("install-updates", offered));
      expect(await host.must(["apt-mark", "showauto", ...names])).toBe("redis-tools\n");
      expect(await host.must(["apt-mark", "showauto", "redis-server"])).toBe("");
      const old = offered.map((one) => ({ ...one, version: before?.version ?? "" }));
      resultOf(await run("roll-back-updates", old));
      expect(await host.must(["apt-mark", "showauto", ...names])).toBe("redis-tools\n");
    });

    it("refuses, before it touches anything, what would change a package that is not named or is not there", async () => {
      const before = await installed(["redis-tools", "redis-server"]);
      const offered = await offer(host, { names: ["redis-tools", "redis-server"], suffix: "+lab3" });
      const server1 = offered.filter(({ name }) => name === "redis-server");
      expect(problemOf(await run("install-updates", server1))).toMatch(
        /^permanent: .*redis-tools.* Nothing was changed\.$/,
      );
      const gone = offered.map((one) => ({ ...one, version: `${one.version}+gone` }));
      expect(problemOf(await run("install-updates", gone))).toMatch(
        /^permanent: The mirror no longer has redis-(tools|server) \S+\+gone; start a new rollout\. Nothing was changed\.$/,
      );
      expect(await installed(["redis-tools", "redis-server"])).toEqual(before);
    });

    it("keeps the owner's conffile and tells how the package's differs", async () => {
      const path = "/etc/logrotate.d/redis-server";
      const names = ["redis-tools", "redis-server"];
      const before = await installed(names);
      await host.must(["sed", "-i", "s/weekly/monthly/", path]);
      const offered = await offer(host, {
        names,
        suffix: "+lab4",
        async edit(files, name) {
          if (name !== "redis-server") return;
          const text = await readFile(join(files, path), "utf8");
          await writeFile(join(files, path), text.replaceAll("weekly", "daily"));
        },
      });
      const { keptConffiles } = resultOf(await run("install-updates", offered));
      expect(keptConffiles).toEqual([{ path, diff: expect.stringMatching(/^-\s+monthly\n\+\s+daily$/m) }]);
      expect(await host.readFile(path)).toContain("monthly");
      resultOf(await run("roll-back-updates", before));
      expect(await host.readFile(path)).toContain("monthly");
    });

    it("ends with what dpkg said when a maintainer script fails, and the way back leads out of that", async () => {
      const names = ["postsrsd"];
      const before = await installed(names);
      const offered = await offer(host, {
        names,
        suffix: "+lab1",
        async edit(files) {
          const script = join(files, "DEBIAN/postinst");
          await writeFile(script, "#!/bin/sh\necho 'the key cannot be converted' >&2\nexit 3\n");
          await chmod(script, 0o755);
        },
      });
      const job = await run("install-updates", offered);
      expect(problemOf(job)).toMatch(
        /^permanent: The packages could not be installed\. apt-get said: dpkg: error processing package postsrsd \(--configure\): .*post-installation script .*exit status 3.*Only half configured now: postsrsd \S+\+lab1\./,
      );
      expect(await isWhole()).toBe(false);
      resultOf(await run("roll-back-updates", before));
      expect(await isWhole()).toBe(true);
      expect(await installed(names)).toEqual(before);
      expect(await server.isUp("postsrsd.service")).toBe(true);
      await server.carriesLetter("After a script that failed");
    });

    it("takes back packages that install and break IMAP, and IMAP serves again", async () => {
      expect(await greetsByImap()).toBe(true);
      const names = (await installedOfSource(host, "dovecot")).map(({ name }) => name);
      expect(names).toContain("dovecot-imapd");
      const before = await installed(names);
      const offered = await offer(host, {
        names,
        suffix: "+lab1",
        async edit(files, name) {
          if (name !== "dovecot-imapd") return;
          await writeFile(join(files, "usr/lib/dovecot/imap-login"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
        },
      });
      expect(resultOf(await run("install-updates", offered)).changes).toEqual(
        changesBetween(before, offered),
      );
      expect(await server.isUp("dovecot.service")).toBe(true);
      expect(await greetsByImap()).toBe(false);
      resultOf(await run("roll-back-updates", before));
      await server.carriesLetter("After a Dovecot that broke IMAP");
    });

    it("restarts what runs a library that was replaced, so that nothing of the stack goes on with it", async () => {
      const names = [suite === "bookworm" ? "libssl3" : "libssl3t64"];
      const before = await installed(names);
      const offered = await offer(host, { names, suffix: "+lab1" });
      const job = await run("install-updates", offered);
      const { outdatedUnits } = resultOf(job);
      for (const unit of ["dovecot.service", "rspamd.service", postfix])
        expect(outdatedUnits, storyOf(job)).not.toContain(unit);
      expect(storyOf(job)).toContain("dovecot.service still runs what was replaced and is restarted.");
      expect(await server.servesMail()).toBe(true);
      await server.carriesLetter("After a library was replaced");
      resultOf(await run("roll-back-updates", before));
      await server.carriesLetter("After it was put back");
    });
    const postfix = suite === "bookworm" ? "postfix@-.service" : "postfix.service";

    it("goes on while the agent is killed with -9 in the middle, and tells truthfully what was done", async () => {
      const names = ["redis-tools", "redis-server"];
      const before = await installed(names);
      const offered = await offer(host, { names, suffix: "+lab5" });
      const killer = await killAtRecord(host, '"kind":"step-begun".*"stepId":"install"');
      const there = order("install-updates", offered);
      await ended(there, 180_000);
      expect(await killer.end(), storyOf(there)).toBe(true);
      expect(resultOf(there)).toMatchObject({
        changes: changesBetween(before, offered),
        withoutWayBack: [],
      });
      const killerBack = await killAtRecord(host, '"kind":"step-begun".*"stepId":"go-back"');
      const back = order("roll-back-updates", before);
      await ended(back, 180_000);
      expect(await killerBack.end(), storyOf(back)).toBe(true);
      expect(resultOf(back).changes).toEqual(changesBetween(offered, before));
      expect(await isWhole()).toBe(true);
      await server.carriesLetter("After an agent that was killed");
    });

    it("makes anew by dpkg-repack what no mirror has any more, and tells what it can keep nowhere", async () => {
      const names = ["postsrsd"];
      const original = await installed(names);
      const first = await offer(host, { names, suffix: "+lab5" });
      resultOf(await run("install-updates", first));
      const second = await offer(host, { names, suffix: "+lab6" });
      await repository.forget(first);
      const loseFirst = () =>
        host.must([
          "sh",
          "-c",
          "rm -f /var/cache/apt/archives/*.deb /var/lib/mailstead/kept-packages/*+lab5_*.deb",
        ]);
      await loseFirst();
      await host.must(["apt-get", "-qy", "install", "dpkg-repack"], { timeoutMs: 120_000 });
      const there = await run("install-updates", second);
      expect(resultOf(there).withoutWayBack, storyOf(there)).toEqual([]);
      resultOf(await run("roll-back-updates", first));
      expect(await installed(names)).toEqual(first);
      await server.carriesLetter("After the way back to what dpkg-repack made");

      await host.must(["apt-get", "-qy", "remove", "dpkg-repack"], { timeoutMs: 120_000 });
      await loseFirst();
      expect(resultOf(await run("install-updates", second)).withoutWayBack).toEqual(names);
      expect(problemOf(await run("roll-back-updates", first))).toMatch(
        /^permanent: No way leads back, because the host and its mirror no longer have postsrsd \S+\+lab5\. Nothing was changed\.$/,
      );
      resultOf(await run("roll-back-updates", original));
    });

    it("lets dpkg work on while the agent is restarted, and tells how it ended", async () => {
      const before = await installed(["postsrsd"]);
      const offered = await offer(host, { names: ["postsrsd"], suffix: "+lab2", edit: waitsIn("postinst") });
      const job = order("install-updates", offered);
      await atMark();
      const dpkg = await host.must(["pidof", "dpkg"]);
      await host.must(["systemctl", "restart", "mailstead-agent"]);
      expect(await host.must(["pidof", "dpkg"])).toBe(dpkg);
      await host.must(["touch", goMark]);
      await ended(job, 180_000);
      expect(resultOf(job).changes).toEqual(changesBetween(before, offered));
      resultOf(await run("roll-back-updates", before));
      await host.must(["rm", mark, goMark]);
    });

    it("finishes after a power cut what was cut off while it was unpacked", async () => {
      const before = await installed(["postsrsd"]);
      const offered = await offer(host, { names: ["postsrsd"], suffix: "+lab3", edit: waitsIn("preinst") });
      const job = order("install-updates", offered);
      await atMark();
      await host.must(["touch", goMark]);
      await host.kill9();
      await host.start();
      await ended(job, 300_000);
      expect(resultOf(job).changes).toEqual(changesBetween(before, offered));
      expect(await isWhole()).toBe(true);
      await server.carriesLetter("After a power cut");
      resultOf(await run("roll-back-updates", before));
      await host.must(["rm", mark, goMark]);
    });

    /** Waits until the maintainer script waits. */
    const atMark = () =>
      host.waitFor("the maintainer script", async () => (await host.exec(["test", "-e", mark])).code === 0);

    /** True when the server greets a mail program at the IMAP port, which it does through the program for signing in. */
    async function greetsByImap(): Promise<boolean> {
      const { ipv4 } = host.description;
      const client = ["openssl", "s_client", "-quiet", "-connect", `${ipv4}:993`];
      return /^\* OK/m.test((await lab.run(client, { input: "a LOGOUT\r\n", timeoutMs: 15_000 })).stdout);
    }
  });
}

// On the disk, so that a power cut changes nothing of them.
const [mark, goMark] = ["/root/script-waits", "/root/script-goes-on"];

/** Has a maintainer script say that it was begun, and wait until it is told to go on. */
function waitsIn(script: "preinst" | "postinst") {
  return async (files: string): Promise<void> => {
    const path = join(files, "DEBIAN", script);
    const text = await readFile(path, "utf8").catch(() => "#!/bin/sh\n");
    const lines = `\ntouch ${mark}; sync
until [ -e ${goMark} ]; do sleep 0.1; done\n`;
    await writeFile(
      path,
      text.replace("\n", () => lines),
    );
    await chmod(path, 0o755);
  };
}
