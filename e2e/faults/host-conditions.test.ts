import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabHost } from "../lab/host.ts";
import { waitFor } from "../lab/wait-for.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { canSignIn, readLetter, submitLetter } from "../scene/mail-client.ts";
import { openScene, paste, type Scene } from "../scene/scene.ts";
import { addDomain } from "../scene/screens/domain.ts";
import { retryJob, untilJobFailed, untilJobSucceeded } from "../scene/screens/job.ts";
import { addMailbox } from "../scene/screens/mailboxes.ts";
import {
  addServer,
  chooseFromMenu,
  copyFrom,
  installStack,
  openPart,
  openServer,
} from "../scene/screens/servers.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";

const hourS = 3_600;

describeJourney("a host that is not as it should be", () => {
  let scene: Scene;
  let page: Page;
  let host: LabHost;

  beforeAll(async () => {
    scene = await openScene({
      hosts: [{ name: "odd", suite: "bookworm", image: "stack", hasIpv6: false }],
      zones: ["acme.example"],
    });
    page = scene.page;
    host = scene.lab.host("odd");
  });
  afterAll(() => scene?.close());
  stepsInOrder(() => scene);

  it("is installed without IPv6, and a warning says that its provider blocks port 25", async () => {
    const block = await scene.lab.faults.blockOutward(host);
    const command = await addServer(page, {
      customer: "Acme",
      name: host.name,
      hostname: host.description.hostname,
    });
    const { code, output } = await paste(host, command);
    expect(code, output).toBe(0);
    await installStack(page, host.name, async () => {
      await page
        .getByText("The host cannot reach port 25 of other mail servers.")
        .waitFor({ timeout: 60_000 });
    });
    await untilJobSucceeded(page);
    await openServer(page, host.name);
    await page.getByText("The server cannot reach port 25 of other mail servers.").first().waitFor();
    await block.end();
    await chooseFromMenu(page, "Refresh facts");
    await untilJobSucceeded(page);
    await openServer(page, host.name);
    await page.getByText("Port 25 outward").waitFor();
    await page.getByText("Open", { exact: true }).waitFor();
  });

  it("asks for no record of an IPv6 address that it does not have", async () => {
    await addDomain(page, { customer: "Acme", server: host.name, domain: "acme.example" });
    const names = await page
      .getByRole("article")
      .evaluateAll((cards) => cards.map((card) => card.getAttribute("aria-label") ?? ""));
    expect(names).toContain(`A ${host.description.hostname}`);
    expect(names.filter((name) => name.startsWith("AAAA "))).toEqual([]);
  });

  // Behind by as much, the host would not even take the lab's certificate, which is younger than that.
  it("says by how much its clock is ahead, and obeys again when it is right", async () => {
    const shift = await scene.lab.faults.shiftClock(host, "mailstead-agent.service", hourS);
    try {
      await openServer(page, host.name);
      await chooseFromMenu(page, "Refresh facts");
      const sentence = /clock of this host is 3[56]\d\d s ahead of the control plane's/;
      expect(await untilJobFailed(page)).toMatch(sentence);
    } finally {
      await shift.end();
    }
    await retryJob(page);
    await untilJobSucceeded(page);
  });

  it("keeps its mail and its owner's veto when the agent is uninstalled, and takes a new agent over the mail server that stayed", {
    timeout: 300_000,
  }, async () => {
    const account = { host: host.name, address: "ann@acme.example", password: "a password for ann" };
    await addMailbox(page, "acme.example", { localPart: "ann", password: account.password });
    const flows = async (subject: string) => {
      await submitLetter(scene.lab, account, { to: account.address, subject });
      await readLetter(scene.lab, account, { subject });
    };
    await waitFor("the mailbox", async () => (await canSignIn(scene.lab, account)) || undefined);
    await flows("With its first agent");

    await host.writeFile("/etc/mailstead/policy.json", '{"deny": ["unban-address"]}');
    await host.must(["mailstead-agent", "uninstall", "--yes"]);
    await flows("Without an agent");

    await openServer(page, host.name);
    await openPart(page, "Settings");
    await page.getByRole("button", { name: "Get a new command" }).click();
    const command = await copyFrom(page, page.getByRole("button", { name: "Copy the install command" }));
    const { code, output } = await paste(host, command);
    expect(code, output).toBe(0);
    expect(await host.readFile("/etc/mailstead/policy.json")).toBe('{"deny": ["unban-address"]}');
    await openServer(page, host.name);
    await chooseFromMenu(page, "Apply target state");
    await untilJobSucceeded(page);
    await flows("With its second agent");
    expect((await host.exec(["mailstead-agent", "verify"])).stdout).toContain("All is well");
  });
});
