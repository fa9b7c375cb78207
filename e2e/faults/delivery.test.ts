import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import { waitFor } from "../lab/wait-for.ts";
import { openVisitor } from "../scene/browser.ts";
import { countQueuedDeliveries, type JobRow, jobsOf, wipePostgresQueue } from "../scene/database.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { openScene, owner, paste, type Scene } from "../scene/scene.ts";
import { signIn } from "../scene/screens/doorway.ts";
import { retryJob, untilJobSucceeded } from "../scene/screens/job.ts";
import { addServer, chooseFromMenu, installStack, openServer } from "../scene/screens/servers.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";

/** The gateway gives a silent line up after pings that nobody answered; this is longer than it may take to notice. */
const cutMs = 120_000;
const noticedWithinMs = 150_000;

describeJourney("a job whose way to the host breaks", () => {
  let scene: Scene;
  let page: Page;

  beforeAll(async () => {
    scene = await openScene({
      hosts: [
        { name: "near", suite: "bookworm", image: "stack" },
        { name: "far", suite: "trixie", image: "stack" },
      ],
      receivers: false,
    });
    page = scene.page;
  });
  afterAll(() => scene?.close());
  stepsInOrder(() => scene);

  const enrol = async (host: LabHost): Promise<void> => {
    const { hostname } = host.description;
    const command = await addServer(page, { customer: "Acme", name: host.name, hostname });
    const { code, output } = await paste(host, command);
    expect(code, output).toBe(0);
  };
  const lastConverge = async (server: string): Promise<JobRow> => {
    const jobs = await jobsOf(scene.controlPlane, server);
    const job = jobs.findLast(({ verb }) => verb === "converge");
    if (!job) throw new Error(`${server} has no converge.`);
    return job;
  };
  const untilState = (server: string, states: readonly string[], timeoutMs = 60_000): Promise<JobRow> =>
    waitFor(
      `the last converge of ${server} to be ${states.join(" or ")}`,
      async () => {
        const job = await lastConverge(server);
        return states.includes(job.state) && job;
      },
      { timeoutMs },
    );
  /** Jobs that only read go beside a converge, and may end after it. */
  const untilAllSucceeded = (server: string): Promise<JobRow[]> =>
    waitFor(`every job of ${server} to have succeeded`, async () => {
      const jobs = await jobsOf(scene.controlPlane, server);
      return jobs.every(({ state }) => state === "succeeded") && jobs;
    });
  /** A job that told its whole story, once. */
  const expectWhole = (job: JobRow): void => {
    expect(job.state).toBe("succeeded");
    expect(job.events).toBe(job.lastNumber);
  };

  /** Ends when the far host is back and its installation is settled; the other tests run meanwhile. */
  let cut: Promise<{ during: string; page: Page }>;

  it("goes on while the network is cut", async () => {
    const far = scene.lab.host("far");
    await enrol(far);
    await installStack(page, "far");
    await waitFor("the first step", async () => (await lastConverge("far")).stepsEnded > 0, {
      timeoutMs: 120_000,
      intervalMs: 50,
    });
    const watcher = await openVisitor(scene.browser, scene.controlPlane.url);
    await signIn(watcher.page, owner);
    await watcher.page.goto(new URL(page.url()).pathname);
    await far.setLink("down");
    expect((await lastConverge("far")).state).toBe("running");
    cut = (async () => {
      const until = Date.now() + cutMs;
      const { state } = await untilState("far", ["unknown"], noticedWithinMs);
      await watcher.page.getByText("Unknown", { exact: true }).first().waitFor();
      await waitFor("the end of the cut", () => Date.now() >= until, { timeoutMs: cutMs });
      await far.setLink("up");
      return { during: state, page: watcher.page };
    })();
    cut.catch(() => undefined); // Awaited by the test below.
  });

  // With an installation of its own before it.
  const withInstallation = { timeout: 400_000 };
  it(
    "is delivered and runs once although the queue was wiped while the delivery lay in it",
    withInstallation,
    async () => {
      const near = scene.lab.host("near");
      await enrol(near);
      await installStack(page, "near");
      await untilJobSucceeded(page);
      await openServer(page, "near");
      // A gateway at work would take the delivery out before anybody could wipe it.
      const thaw = await scene.controlPlane.freeze("gateway");
      try {
        await chooseFromMenu(page, "Apply target state");
        const queued = () => countQueuedDeliveries(scene.controlPlane);
        await waitFor("the delivery to lie in the queue", async () => (await queued()) > 0);
        await wipePostgresQueue(scene.controlPlane);
        expect(await queued()).toBe(0);
        expect((await lastConverge("near")).state).toBe("queued");
      } finally {
        await thaw();
      }
      await untilJobSucceeded(page);
      const jobs = await untilAllSucceeded("near");
      expect(jobs.filter(({ verb }) => verb === "converge")).toHaveLength(2);
      expectWhole(await lastConverge("near"));
    },
  );

  it("waits for an agent that is stopped and runs when it is back", async () => {
    const near = scene.lab.host("near");
    await near.must(["systemctl", "stop", "mailstead-agent"]);
    await openServer(page, "near");
    await chooseFromMenu(page, "Refresh facts");
    await openServer(page, "near");
    await chooseFromMenu(page, "Apply target state");
    expect((await lastConverge("near")).state).toBe("queued");
    await near.must(["systemctl", "start", "mailstead-agent"]);
    await untilJobSucceeded(page);
    const jobs = await untilAllSucceeded("near");
    expect(jobs.filter(({ verb }) => verb === "converge")).toHaveLength(3);
  });

  it("is settled from the agent's journal after the cut, with a log that has no gap", async () => {
    const { during, page: watching } = await cut;
    expect(during).toBe("unknown");
    await untilJobSucceeded(watching, 150_000);
    expectWhole(await lastConverge("far"));
    await watching.context().close();
  });

  it("goes on when the control plane is stopped and started under it", async () => {
    const far = scene.lab.host("far");
    const lock = await removePackageAndHoldApt(scene, far);
    try {
      await openServer(page, "far");
      await chooseFromMenu(page, "Apply target state");
      await untilState("far", ["running"]);
      await scene.controlPlane.restart();
    } finally {
      await lock.end();
    }
    await page.reload();
    await untilJobSucceeded(page);
    expectWhole(await lastConverge("far"));
  });

  it("goes on when the gateway that carried it is killed", async () => {
    const far = scene.lab.host("far");
    const lock = await removePackageAndHoldApt(scene, far);
    try {
      await openServer(page, "far");
      await chooseFromMenu(page, "Apply target state");
      await untilState("far", ["running"]);
      await scene.controlPlane.crash("gateway");
    } finally {
      await lock.end();
    }
    await untilJobSucceeded(page);
    expectWhole(await lastConverge("far"));
  });

  it("is finished or put back when the host is rebooted in the middle of it", async () => {
    const far = scene.lab.host("far");
    const lock = await removePackageAndHoldApt(scene, far);
    await openServer(page, "far");
    await chooseFromMenu(page, "Apply target state");
    await untilState("far", ["running"]);
    await far.kill9();
    await lock.end();
    await far.start();
    const job = await untilState("far", ["succeeded", "failed"], 120_000);
    expect(job.events).toBe(job.lastNumber);
    if (job.state === "failed") {
      await retryJob(page);
      await untilJobSucceeded(page);
    }
    expect(await far.must(["dpkg", "-s", removable])).toContain("Status: install ok installed");
    expect(await far.must(["ss", "-Hltn", "sport", "=", ":25"])).not.toBe("");
  });
});

/** A package of the stack that no service needs to start: mail to a relay with a password is what it is for. */
const removable = "libsasl2-modules";

/** Makes the next converge wait in the middle: it has a package to install, and apt is held by somebody else. */
async function removePackageAndHoldApt(scene: Scene, host: LabHost): Promise<{ end(): Promise<void> }> {
  await host.must(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qy", "remove", removable], {
    timeoutMs: 60_000,
  });
  return scene.lab.faults.holdAptLock(host);
}
