import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { openScene, paste, type Scene } from "../scene/scene.ts";
import { addServer } from "../scene/screens/servers.ts";

describeJourney("the install command on a host that cannot or must not be enrolled", () => {
  let scene: Scene;
  let clean: LabHost;
  let command: string;

  beforeAll(async () => {
    scene = await openScene({
      hosts: [
        { name: "clean", suite: "bookworm" },
        { name: "taken", suite: "trixie", image: "stack" },
      ],
      receivers: false,
    });
    clean = scene.lab.host("clean");
    command = await addServer(scene.page, serverOf(clean));
  });
  afterAll(() => scene?.close());

  /** Runs the command and expects one sentence and an untouched host. */
  const expectRefusal = async (host: LabHost, text: string, sentence: RegExp): Promise<void> => {
    const { code, output } = await paste(host, text);
    expect(output).toMatch(sentence);
    expect(code).not.toBe(0);
    expect((await host.exec(["test", "-e", "/usr/lib/mailstead"])).code, "nothing was installed").toBe(1);
    expect((await host.exec(["test", "-e", "/etc/systemd/system/mailstead-agent.service"])).code).toBe(1);
  };

  it("is refused with a token that was cut when it was copied", async () => {
    await expectRefusal(clean, command.slice(0, -3), /not an enrolment token/);
  });

  it("is refused with a token that the control plane never made", async () => {
    const unknown = command.replace(/ms1\.[^.]{22}/, `ms1.${"A".repeat(22)}`);
    await expectRefusal(clean, unknown, /token/);
  });

  it("is refused when the control plane is another than the one that made the token", async () => {
    const foreign = command.replace(
      /\.([A-Za-z0-9_-])([A-Za-z0-9_-]{42})$/,
      (_, first: string, rest: string) => {
        return `.${first === "A" ? "B" : "A"}${rest}`;
      },
    );
    await expectRefusal(clean, foreign, /not the control plane that made the token/);
  });

  it("is refused with a token that has expired", async () => {
    const dialog = await addServer(scene.page, {
      ...serverOf(clean),
      name: "late",
      hostname: "late.fleet.example",
    });
    const database = new pg.Client({ connectionString: scene.controlPlane.adminDatabaseUrl });
    await database.connect();
    try {
      await database.query(
        "update enrolment_tokens set expires_at = now() - interval '1 second' where server_id = (select id from servers where name = 'late')",
      );
    } finally {
      await database.end();
    }
    await expectRefusal(clean, dialog, /expired/);
  });

  it("is refused without root", async () => {
    const word = /sh -s -- (\S+)$/.exec(command)?.[1] ?? "";
    const { code, output } = await paste(
      clean,
      `runuser -u nobody -- sh -c 'curl -fsSL https://control.lab/install.sh | sh -s -- ${word}'`,
    );
    expect(output).toMatch(/needs root/);
    expect(code).not.toBe(0);
  });

  it("is refused on a distribution that we do not operate", async () => {
    const release = await clean.readFile("/etc/os-release");
    const ubuntu =
      'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n';
    await clean.must(["mv", "/etc/os-release", "/etc/os-release.kept"]);
    try {
      await clean.writeFile("/etc/os-release", ubuntu);
      await expectRefusal(clean, command, /ubuntu 24\.04/i);
    } finally {
      await clean.must(["mv", "/etc/os-release.kept", "/etc/os-release"]);
    }
    expect(await clean.readFile("/etc/os-release")).toBe(release);
  });

  it("is refused where another mail server listens on port 25", async () => {
    const taken = scene.lab.host("taken");
    await taken.must(["systemctl", "start", "postfix"]);
    await taken.waitFor(
      "Postfix",
      async () => (await taken.must(["ss", "-Hltn", "sport", "=", ":25"])) !== "",
    );
    await expectRefusal(taken, command, /Port 25 is taken by master/);
  });

  it("is refused when the clock is wrong, since orders are dated", async () => {
    await clean.must(["apt-get", "-q", "update"], { timeoutMs: 60_000 });
    await clean.must(["apt-get", "-qy", "install", "--no-install-recommends", "faketime"], {
      timeoutMs: 60_000,
    });
    await expectRefusal(
      clean,
      command.replace("sh -s --", "faketime -f +1h sh -s --"),
      /clock of this host is wrong by \d+ seconds/,
    );
  });

  it("is refused when the agent was changed after it was signed", async () => {
    const release = join(scene.controlPlane.dataDir, "releases", "linux-x64.release");
    const text = await readFile(release, "utf8");
    const archive = join(scene.controlPlane.dataDir, "releases", /^file (.+)$/m.exec(text)?.[1] ?? "");
    const bytes = await readFile(archive);
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(changed.length - 9) ^ 1, changed.length - 9);
    try {
      await writeFile(archive, changed);
      await expectRefusal(clean, command, /damaged or was changed/);
      await writeFile(
        release,
        text.replace(/^sha256 (.)/m, (_, digit: string) => `sha256 ${digit === "0" ? "1" : "0"}`),
      );
      await expectRefusal(clean, command, /not signed by the control plane/);
    } finally {
      await writeFile(archive, bytes);
      await writeFile(release, text);
    }
  });

  it("works once after all these refusals, and never a second time", async () => {
    const first = await paste(clean, command);
    expect(first.output).toContain("runs");
    expect(first.code).toBe(0);
    const again = await paste(clean, command);
    expect(again.output).toMatch(/already enrolled/);
    expect(again.code).not.toBe(0);
    const other = scene.lab.host("taken");
    await other.must(["systemctl", "stop", "postfix"]);
    await expectRefusal(other, command, /used/);
    expect((await clean.must(["systemctl", "is-active", "mailstead-agent"])).trim()).toBe("active");
  });
});

function serverOf(host: LabHost): { customer: string; name: string; hostname: string } {
  return { customer: "Acme", name: host.name, hostname: host.description.hostname };
}
