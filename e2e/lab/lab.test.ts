import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { findFreePort } from "@mailstead/infra/postgres";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { run } from "./command.ts";
import { describeLab } from "./describe-lab.ts";
import { type Lab, openLab } from "./lab.ts";
import { labFolder, runningLabs } from "./state.ts";
import { waitFor } from "./wait-for.ts";

const repository = resolve(import.meta.dirname, "../..");

describeLab("a lab", () => {
  let lab: Lab;
  const web = createServer((_request, response) => response.end("control plane\n"));

  beforeAll(async () => {
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const bound = web.address();
    const hostPort = bound !== null && typeof bound === "object" ? bound.port : 0;
    lab = await openLab({
      hosts: [
        { name: "old", suite: "bookworm" },
        { name: "new", suite: "trixie", hostname: "mail.alpha.example" },
      ],
      zones: ["alpha.example"],
      expose: [
        { labPort: 8080, hostPort },
        { labPort: 443, hostPort, tls: true },
      ],
    });
  });
  afterAll(async () => {
    web.close();
    await lab?.close();
  });

  it("boots Debian 12 and Debian 13 without a failed unit, and nothing listens on port 25", async () => {
    for (const [name, codename] of [
      ["old", "bookworm"],
      ["new", "trixie"],
    ] as const) {
      const host = lab.host(name);
      expect(await host.readFile("/etc/os-release")).toContain(`VERSION_CODENAME=${codename}`);
      expect((await host.must(["systemctl", "is-system-running"])).trim()).toBe("running");
      expect(await host.must(["ss", "-Hltn", "sport", "=", ":25"])).toBe("");
    }
  });

  it("gives each host a full name whose forward and reverse records agree in both families", async () => {
    const host = lab.host("new");
    expect((await host.must(["hostname", "-f"])).trim()).toBe("mail.alpha.example");
    for (const address of [host.description.ipv4, host.description.ipv6]) {
      const { stdout } = await lab.runTool(["dig", "+short", "-x", address]);
      expect(stdout.trim()).toBe("mail.alpha.example.");
    }
    const { stdout } = await lab.runTool(["dig", "+short", "mail.alpha.example", "AAAA"]);
    expect(stdout.trim()).toBe(host.description.ipv6);
  });

  it("answers with validated data, and says that unknown names do not exist", async () => {
    const known = await lab.runTool(["dig", "+dnssec", "mail.alpha.example", "A"]);
    expect(known.stdout).toMatch(/flags:[^;]* ad[ ;]/);
    const unknown = await lab.runTool(["dig", "+dnssec", "unknown.test-nowhere", "A"]);
    expect(unknown.stdout).toContain("status: NXDOMAIN");
    expect(unknown.stdout).toMatch(/flags:[^;]* ad[ ;]/);
  });

  it("shows a changed record to hosts within the cache's few seconds", async () => {
    const lookUp = async (): Promise<string> =>
      (await lab.runTool(["dig", "+short", "x.alpha.example", "TXT"])).stdout;
    await lab.dns.setRecords("alpha.example", [
      { name: "x.alpha.example", type: "TXT", records: ['"first"'] },
    ]);
    expect(await lookUp()).toBe('"first"\n');
    await lab.dns.setRecords("alpha.example", [
      { name: "x.alpha.example", type: "TXT", records: ['"second"'] },
    ]);
    await waitFor("the new record", async () => (await lookUp()) === '"second"\n', { timeoutMs: 10_000 });
  });

  it("takes a dynamic update with the zone's key and refuses one without", async () => {
    const secret = await lab.dns.addUpdateKey("agent", ["alpha.example"]);
    const update =
      'server 198.51.100.2\nzone alpha.example.\nupdate add y.alpha.example. 5 TXT "made"\nsend\n';
    const refused = await lab.runTool(["nsupdate"], { input: update });
    expect(refused.stderr).toContain("REFUSED");
    await lab.namespace.must(
      ["chroot", "/run/lab/infra/root", "nsupdate", "-y", `hmac-sha256:agent:${secret}`],
      { input: update },
    );
    expect(await lab.dns.records("alpha.example", "y.alpha.example.", "TXT")).toEqual(['"made"']);
  });

  it("lets hosts reach this machine's loopback as control.lab, by http and by https that they trust", async () => {
    for (const name of ["old", "new"]) {
      const host = lab.host(name);
      expect(await host.must(["curl", "-fsS", "http://control.lab:8080/"])).toBe("control plane\n");
      expect(await host.must(["curl", "-fsS", "https://control.lab/"])).toBe("control plane\n");
    }
  });

  it("forwards a port of a host to this machine's loopback", async () => {
    const port = await lab.forward("old", 22);
    const greeting = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("The connection ended without a greeting.")));
      socket.once("data", (chunk) => {
        resolve(chunk.toString("utf8"));
        socket.destroy();
      });
    });
    expect(greeting).toMatch(/^SSH-2.0-OpenSSH/);
  });

  it("publishes a port of its own loopback as the same port of localhost on hosts and on this machine", async () => {
    lab.namespace.start(["socat", "TCP4-LISTEN:18931,bind=127.0.0.1,fork", "EXEC:echo inside"]);
    await lab.publish(18931);
    for (const name of ["old", "new"]) {
      const host = lab.host(name);
      const read = async (): Promise<string> => host.must(["bash", "-c", "cat </dev/tcp/127.0.0.1/18931"]);
      await host.waitFor("the published port", async () => (await read()) === "inside\n");
    }
    expect((await run(["bash", "-c", "cat </dev/tcp/127.0.0.1/18931"])).stdout).toBe("inside\n");
  });

  it("has no way out: an address beyond the lab is refused at once", async () => {
    const { code, stderr } = await lab
      .host("old")
      .exec(["curl", "-sS", "--max-time", "10", "http://203.0.113.7/"]);
    expect(code).toBe(7);
    expect(stderr).toContain("Failed to connect to 203.0.113.7");
  });

  it("keeps a host's disk over a reboot, a pulled plug and an orderly stop", async () => {
    const host = lab.host("new");
    await host.writeFile("/var/lib/kept/file", "kept\n", { mode: "600" });
    await host.reboot();
    await host.kill9();
    expect(await host.isRunning()).toBe(false);
    expect(await host.readFile("/var/lib/kept/file")).toBe("kept\n");
    await host.start();
    await host.stop();
    await host.start();
    expect((await host.must(["stat", "-c", "%a", "/var/lib/kept/file"])).trim()).toBe("600");
    expect(
      (await host.must(["journalctl", "--list-boots", "-q"])).trim().split("\n").length,
    ).toBeGreaterThanOrEqual(4);
  });

  it("ends a command on a host when its time is up", async () => {
    const { code } = await lab.host("old").exec(["sleep", "60"], { timeoutMs: 300 });
    expect(code).toBe(124);
    expect((await lab.host("old").exec(["pgrep", "-x", "sleep"])).code).toBe(1);
  });

  it("runs beside another lab with the same addresses (without IPv6 there), and neither sees the other", async () => {
    const second = await openLab({
      hosts: [{ name: "old", suite: "bookworm", hasIpv6: false }],
      receivers: false,
    });
    try {
      await second.host("old").writeFile("/root/mine", "second");
      await second.dns.addZone("beta.example");
      expect((await lab.host("old").exec(["test", "-e", "/root/mine"])).code).toBe(1);
      expect(await lab.dns.zones()).not.toContain("beta.example.");
      expect(await second.host("old").must(["ip", "-6", "addr", "show", "dev", "eth0"])).toBe("");
      expect((await second.runTool(["dig", "+short", "old.fleet.example", "AAAA"])).stdout).toBe("");
      expect(second.host("old").description.ipv4).toBe(lab.host("old").description.ipv4);
    } finally {
      await second.close();
    }
    expect(await lab.host("old").isRunning()).toBe(true);
  });
});

describeLab("the lab's command line", () => {
  const cli = join(import.meta.dirname, "cli.ts");
  const name = `cli-${process.pid}`;
  const lab = (...words: string[]): ReturnType<typeof run> =>
    run([process.execPath, cli, ...words.slice(0, 1), "--name", name, ...words.slice(1)]);

  it("brings a lab up that stays, runs commands on its hosts, and takes it down without a trace", async () => {
    const up = await lab("up", "--no-control-plane", "--host", "one:trixie", "--zone", "alpha.example");
    expect(up.stdout + up.stderr).toContain("one          Debian 13, one.fleet.example, 198.51.100.11");
    expect((await lab("up", "--no-control-plane")).stderr).toContain(
      `A lab named ${name} is running already.`,
    );
    expect((await lab("status")).stdout).toContain("one  on  trixie  clean");
    expect((await lab("exec", "one", "--", "sh", "-c", "exit 7")).code).toBe(7);
    expect((await lab("exec", "two", "--", "true")).stderr).toContain("This lab has no host two, only one.");
    const publish = [process.execPath, cli, "dns-publish", "--name", name];
    expect((await run(publish, { input: "alpha.example MX 10 one.fleet.example." })).code).toBe(0);
    const mx = await lab("tool", "--", "dig", "+short", "alpha.example", "MX");
    expect(mx.stdout).toBe("10 one.fleet.example.\n");
    expect((await lab("send", "ann@gmail.com", "bob@receiver.example", "Hello")).stdout).toContain(
      "250 2.0.0 OK",
    );
    expect((await lab("inbox")).stdout).toContain('ann@gmail.com -> bob@receiver.example  "Hello"');
    expect((await lab("down")).code).toBe(0);
    expect((await lab("status")).stdout).not.toContain(name);
    expect((await run(["test", "-e", labFolder(name)])).code).toBe(1);
    expect((await lab("exec", "one", "--", "true")).stderr).toContain(`No lab named ${name} is running.`);
  });
});

describeLab("the lab as a person starts it", () => {
  const name = `person-${process.pid}`;
  const npm = (...words: string[]): ReturnType<typeof run> =>
    run(["npm", "run", "lab", "--", ...words, "--name", name], { cwd: repository });

  it("serves the dashboard and the owner's link at the addresses that it prints, and leaves nothing behind", async () => {
    onTestFinished(async () => void (await npm("down")));
    const up = await npm("up", "--port", `${await findFreePort()}`);
    expect(up.code, up.stdout + up.stderr).toBe(0);
    const [, dashboard = ""] = /^ {2}Dashboard {4}(\S+)$/m.exec(up.stdout) ?? [];
    const [, ownerLink = ""] = /^ {2}First owner {2}(\S+)$/m.exec(up.stdout) ?? [];
    expect(await (await fetch(dashboard)).text()).toContain("Mailstead");
    const welcome = await fetch(ownerLink);
    expect(welcome.status).toBe(200);
    expect(await welcome.text()).toContain('type="password"');
    expect(up.stdout).toMatch(/mail1 +Debian 12.*\n.*\n.*\n +mail2 +Debian 13/);
    expect(await leftovers(name), "what there is to be removed").not.toEqual([]);

    expect((await npm("down")).code).toBe(0);
    await waitFor("all of it to be gone", async () => (await leftovers(name)).length === 0);
    await expect(fetch(dashboard)).rejects.toThrow("fetch failed");
  }, 600_000);
});

describeLab("a lab whose opener is killed", () => {
  it("leaves no process, no mount, no control group and no folder", async () => {
    const name = `killed-${process.pid}`;
    const cli = join(import.meta.dirname, "cli.ts");
    const keep = ["keep", "--name", name, "--no-control-plane", "--host", "one:bookworm:clean"];
    const opener = spawn(process.execPath, [cli, ...keep], { stdio: "ignore" });
    await waitFor("the lab", async () => (await runningLabs()).some((lab) => lab.name === name), {
      timeoutMs: 120_000,
    });
    opener.kill("SIGKILL");

    await waitFor("the lab's end", async () => (await leftovers(name)).length === 0);
    expect((await runningLabs()).map((lab) => lab.name)).not.toContain(name);
  });
});

/** Processes, mounts, control groups and files that carry a lab's name. */
async function leftovers(name: string): Promise<string[]> {
  const { stdout: processes } = await run(["pgrep", "-af", name]);
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").filter((line) => line.includes(name));
  const groups = await run(["find", "/sys/fs/cgroup", "-type", "d", "-name", `mailstead-lab-${name}`]);
  const files = await run(["find", labFolder(name), "/var/log", "-maxdepth", "1", "-name", `*${name}*`]);
  return [processes, groups.stdout, files.stdout]
    .flatMap((text) => text.split("\n"))
    .concat(mounts)
    .filter((line) => line !== "");
}
