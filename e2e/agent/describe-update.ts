import { afterAll, beforeAll, expect, it } from "vitest";
import { describeLab } from "../lab/describe-lab.ts";
import type { LabHost } from "../lab/host.ts";
import type { Suite } from "../lab/image-recipes.ts";
import { type Lab, openLab } from "../lab/lab.ts";
import { waitFor } from "../lab/wait-for.ts";
import { ended, storyOf } from "./agent-host.ts";
import { agentCommand } from "./managed-host.ts";
import { type EnrolledAgent, TestGateway, type TrackedJob } from "./test-gateway.ts";
import { UpdateShelf } from "./update-shelf.ts";

const labPort = 8080;
const state = "/var/lib/mailstead/updater";
// Only a file of root's sets these: the real times would make each test take as long as a person waits.
const shortTimes = `[Service]
Environment=MAILSTEAD_UPDATER_WATCHDOG_SECONDS=40 MAILSTEAD_UPDATER_STEADY_SECONDS=2
`;

/** Declares how the agent of a real host is replaced by another version, and what happens when that one is no good. */
export function describeUpdate(title: string, suite: Suite): void {
  describeLab(title, () => {
    const gateway = new TestGateway();
    let lab: Lab;
    let shelf: UpdateShelf;
    let host: LabHost;
    let agent: EnrolledAgent;
    let first: ReturnType<UpdateShelf["offerGood"]>;

    beforeAll(async () => {
      const hostPort = await gateway.listen();
      gateway.publicUrl = `http://control.lab:${labPort}`;
      shelf = await UpdateShelf.open(gateway);
      first = shelf.offerGood(1);
      lab = await openLab({
        hosts: [{ name: "mail1", suite, image: "clean" }],
        zones: ["alpha.example"],
        expose: [{ labPort, hostPort }],
        receivers: false,
        diskSizeBytes: 2 * 1024 ** 3,
      });
      host = lab.host("mail1");
      await host.writeFile("/etc/systemd/system/mailstead-updater-trial.service.d/times.conf", shortTimes);
      const { token, serverId } = gateway.makeToken();
      const installed = await host.exec(["sh", "-s", "--", token], { input: shelf.installScript() });
      expect(installed.stdout + installed.stderr).toMatch(/Mailstead agent 0\.0\.0-lab-1 runs/);
      agent = gateway.agentOf(serverId);
      await connectedAs("0.0.0-lab-1");
    });
    afterAll(async () => {
      await lab?.close();
      await gateway.close();
      shelf?.close();
    });

    const connectedAs = (version: string) =>
      waitFor(
        `agent ${version} to be connected`,
        () => (agent.socket !== null && agent.facts?.agentVersion === version ? true : undefined),
        { timeoutMs: 120_000 },
      );
    const orderUpdate = (offer: ReturnType<UpdateShelf["offerGood"]>): TrackedJob =>
      gateway.order(agent.serverId, { verb: "update-agent", args: offer.order });
    const settled = (name: string) =>
      host.waitFor(`the updater to let go of ${name}`, async () =>
        (await host.exec(["test", "-e", `${state}/${name}`])).code === 0 ? undefined : true,
      );
    const problemOf = ({ outcome, refused }: TrackedJob) =>
      refused?.sentence ?? (outcome?.kind === "failed" ? outcome.problem : "");

    it("becomes the version of an order while it is connected, and the job ends with that version", async () => {
      const job = await ended(orderUpdate(shelf.offerGood(2)));
      expect(job.outcome, storyOf(job)).toMatchObject({
        kind: "succeeded",
        result: { version: "0.0.0-lab-2" },
      });
      await connectedAs("0.0.0-lab-2");
      await settled("pending");
      expect((await host.must(["ls", "/usr/lib/mailstead/versions"])).split("\n").filter(Boolean)).toEqual([
        "0.0.0-lab-1",
        "0.0.0-lab-2",
      ]);
      const { stdout } = await host.exec([agentCommand, "status"]);
      expect(stdout).toMatch(/^update +Agent 0\.0\.0-lab-2 is installed\. \(channel stable, looked at /m);
    });

    it("is taken back when it does not connect, and the job says so in the updater's words", async () => {
      const job = await ended(orderUpdate(shelf.offerSilent(3)));
      expect(problemOf(job)).toMatch(
        /^Agent 0\.0\.0-lab-3 was taken back, because it had not connected .* agent 0\.0\.0-lab-2 runs again\.$/,
      );
      await connectedAs("0.0.0-lab-2");
    });

    it("refuses to go back to an earlier version, however well that was signed", async () => {
      const job = await ended(orderUpdate(first));
      expect(problemOf(job)).toMatch(/is older than agent 0\.0\.0-lab-2, which is installed/);
      expect(agent.socket).not.toBeNull();
    });

    it("goes back by a rollback that names what it runs", async () => {
      const job = await ended(orderUpdate(shelf.offerGood(1, ["0.0.0-lab-2"])));
      expect(job.outcome, storyOf(job)).toMatchObject({ kind: "succeeded" });
      await connectedAs("0.0.0-lab-1");
      await settled("pending");
    });

    it("is updated while the gateway refuses to sign it in", async () => {
      gateway.refusesWith = {
        type: "refused",
        code: "protocol-too-old",
        sentence: "This version of the agent is not spoken to any more.",
        retryAfterMs: 600_000,
      };
      gateway.cutLinks();
      shelf.offerGood(4);
      await host.waitFor("the mark of the connection to go", async () =>
        (await host.exec(["test", "-e", "/run/mailstead/agent-connected"])).code === 0 ? undefined : true,
      );
      await host.must(["touch", "-d", "2 days ago", `${state}/connected`]);
      await host.must(["systemctl", "start", "mailstead-updater.service"]);
      await host.waitFor("the new agent to be started", async () =>
        (await host.readFile(`${state}/pending`)).includes("phase restarted") ? true : undefined,
      );
      gateway.refusesWith = null;
      // The first try of the new agent may have been refused as well, and who is refused waits long.
      await host.must(["systemctl", "restart", "mailstead-agent.service"]);
      await connectedAs("0.0.0-lab-4");
      await settled("pending");
      expect(await host.readFile(`${state}/installed`)).toMatch(/^version 0\.0\.0-lab-4$/m);
    });

    it("goes on where it was after a power cut in the middle of a trial", async () => {
      const job = orderUpdate(shelf.offerGood(5));
      await host.waitFor("the trial to begin", async () =>
        (await host.exec(["test", "-e", `${state}/pending`])).code === 0 ? true : undefined,
      );
      await host.kill9();
      await host.start();
      await ended(job);
      expect(job.outcome, storyOf(job)).toMatchObject({
        kind: "succeeded",
        result: { version: "0.0.0-lab-5" },
      });
      await connectedAs("0.0.0-lab-5");
    });

    it("leaves nothing of the updater behind when it is uninstalled", async () => {
      await host.must([agentCommand, "uninstall", "--yes"]);
      const { stdout } = await host.exec([
        "sh",
        "-c",
        "ls -d /usr/lib/mailstead /etc/systemd/system/mailstead-updater*.* /etc/mailstead/updater 2>/dev/null",
      ]);
      expect(stdout.split("\n").filter((line) => line !== "" && !line.endsWith(".d"))).toEqual([]);
    });
  });
}
