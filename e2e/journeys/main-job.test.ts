import { afterAll, beforeAll, expect, it } from "vitest";
import { openVisitor } from "../scene/browser.ts";
import { countDeliveries, storedLog, toldDeliveries } from "../scene/database.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { canSignIn, openMailbox, readLetter, submitLetter } from "../scene/mail-client.ts";
import { openScene, owner, paste, type Scene } from "../scene/scene.ts";
import { addDomain, checkRecords, publishShownRecords } from "../scene/screens/domain.ts";
import {
  askToBecomeOwner,
  becomeOwner,
  enterCredentials,
  signIn,
  signOut,
} from "../scene/screens/doorway.ts";
import { readLog, readSteps, untilJobFailed, untilJobSucceeded } from "../scene/screens/job.ts";
import { addAlias, addMailbox, changeMailboxPassword } from "../scene/screens/mailboxes.ts";
import { addServer, chooseFromMenu, installStack, openPart, openServer } from "../scene/screens/servers.ts";
import { traceSender } from "../scene/screens/trace.ts";
import { photograph } from "../scene/screenshots.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";
import { listenToAgent, readTold } from "../scene/told-by-agent.ts";

/** One customer on each distribution: whatever holds for the first must hold for the second. */
const customers = [
  { customer: "Acme Tools", server: "mail1", suite: "bookworm", domain: "acme.example" },
  { customer: "Brook & Partner", server: "mail2", suite: "trixie", domain: "brook.example" },
] as const;
type Customer = (typeof customers)[number];

/** The lab's hosts are named in it, as a provider of servers would name them in its own. */
const fleetZone = "fleet.example";

const shortWait = { timeout: 30_000, interval: 250 } as const;
const longWait = { timeout: 120_000, interval: 250 } as const;

// Packages are fetched and set up by two hosts on what may be a busy machine.
const installWithinMs = 400_000;

const passwordOf = (name: string): string => `${name} likes a quiet harbour`;
const accountOf = ({ server, domain }: Customer, name: string) => ({
  host: server,
  address: `${name}@${domain}`,
  password: passwordOf(name),
});

describeJourney("the main job", () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({
      hosts: customers.map(({ server, suite }) => ({ name: server, suite })),
      zones: customers.map(({ domain }) => domain),
      hasOwner: false,
    });
  });
  afterAll(() => scene?.close());
  stepsInOrder(() => scene);

  it("makes the first owner by the one-time link, once", async () => {
    const { page, controlPlane, browser } = scene;
    const link = controlPlane.ownerLink ?? "";
    await page.goto(link);
    await photograph(page, "01-welcome");
    await becomeOwner(page, link, owner);
    await photograph(page, "02-home-empty");

    const stranger = await openVisitor(browser, controlPlane.url);
    await askToBecomeOwner(stranger.page, link, { ...owner, email: "eve@stranger.example" });
    await stranger.page.getByText("This link has been used or has expired.").waitFor();
    await stranger.context.close();
  });

  it("signs out and in again, and only with the right password", async () => {
    const { page } = scene;
    await signOut(page, owner.name);
    await page.goto("/servers");
    await enterCredentials(page, { ...owner, password: "not the password" });
    await page.getByText("This e-mail and password do not belong together.").waitFor();
    await photograph(page, "03-sign-in");
    await enterCredentials(page, owner);
    await page.waitForURL("**/servers");
  });

  it.each(customers)(
    "takes $server ($suite) online with the command as shown, and installs it",
    async (one) => {
      const { page, lab } = scene;
      const { hostname } = lab.host(one.server).description;
      const command = await addServer(page, { customer: one.customer, name: one.server, hostname });
      await photograph(page, `04-add-server-${one.suite}`);
      const { code, output } = await paste(lab.host(one.server), command);
      expect(code, output).toBe(0);
      await page.getByText(`${one.server} is online`).waitFor();
      await photograph(page, `05-online-${one.suite}`);

      await installStack(page, one.server, async () => {
        await page.getByText("/etc/postfix/main.cf").first().waitFor();
        await photograph(page, `06-review-${one.suite}`);
      });
      const jobPath = new URL(page.url()).pathname;
      const jobId = jobPath.split("/").at(-1) ?? "";
      const told = () => storedLog(scene.controlPlane, jobId);
      await page.getByText(/\d+ of \d+ steps/).waitFor({ timeout: 60_000 });
      await photograph(page, `07-job-running-${one.suite}`);
      // In the middle, and once more while the line is lost: the page must not care.
      await page.reload();
      await page.getByText("Live", { exact: true }).waitFor();
      const seen = (await told()).length;
      await page.context().setOffline(true);
      await page.getByText("The line was lost.").waitFor();
      await expect.poll(async () => (await told()).length, longWait).toBeGreaterThan(seen);
      await photograph(page, `07-job-line-lost-${one.suite}`);
      await page.context().setOffline(false);
      await page.getByText("The line was lost.").waitFor({ state: "detached" });
      await untilJobSucceeded(page);
      await photograph(page, `08-job-${one.suite}`);
      const stored = await told();
      expect(stored.length).toBeGreaterThan(seen);
      await expect.poll(() => readLog(page), shortWait).toEqual(stored);
      expect(await readSteps(page)).not.toEqual([]);
      await page.goto(jobPath);
      await untilJobSucceeded(page);
      await expect.poll(() => readLog(page), shortWait).toEqual(stored);
    },
    installWithinMs,
  );

  it.each(customers)("shows the packages of $server as its own package manager names them", async (one) => {
    const { page, lab } = scene;
    await openServer(page, one.server);
    const shown = page
      .getByRole("table", { name: "Packages" })
      .getByRole("row")
      .filter({ has: page.getByRole("cell", { name: "postfix", exact: true }) });
    const { stdout } = await lab.host(one.server).exec(["dpkg-query", "--show", "postfix"]);
    const [, version = ""] = stdout.trim().split("\t");
    expect(version).toMatch(/^3\./);
    await shown.getByRole("cell", { name: version, exact: true }).waitFor();
  });

  it.each(customers)("adds $domain, whose records are right once they are published", async (one) => {
    const { page, lab } = scene;
    await addDomain(page, one);
    await photograph(page, `09-domain-new-${one.suite}`);
    await publishShownRecords(page, lab, [one.domain, fleetZone]);
    await checkRecords(page);
    await photograph(page, `10-domain-${one.suite}`);
  });

  it.each(customers)("adds two mailboxes to $domain that can be opened at once", async (one) => {
    const { page, lab } = scene;
    for (const name of ["ann", "bob"]) {
      await addMailbox(page, one.domain, { localPart: name, password: passwordOf(name) });
      await lab.host(one.server).waitFor(`${name}'s mailbox`, () => canSignIn(lab, accountOf(one, name)));
    }
    await photograph(page, `11-mailboxes-${one.suite}`);
  });

  it.each(customers)("writes down all that the agent of $server tells from now on", ({ server }) =>
    listenToAgent(scene.lab.host(server)),
  );

  it.each(customers)("sends mail of $domain that other systems verify and take", async (one) => {
    const { lab } = scene;
    const subject = `To the world from ${one.domain}`;
    for (const to of ["eve@receiver.example", "eve@gmail.com"]) {
      const answer = await submitLetter(lab, accountOf(one, "ann"), { to, subject });
      expect(answer).toMatch(/^250 /);
      const mail = await lab.receivers.waitForMail(
        ({ recipients, raw }) => recipients.includes(to) && raw.includes(subject),
      );
      expect(mail.facts).toMatchObject({ spf: "pass", dmarc: "pass", headerFrom: one.domain });
      expect(mail.facts.dkim.map(({ result, domain }) => ({ result, domain }))).toEqual([
        { result: "pass", domain: one.domain },
        { result: "pass", domain: one.domain },
      ]);
      expect(mail.facts.dkim.map(({ algorithm }) => algorithm).sort()).toEqual([
        "ed25519-sha256",
        "rsa-sha256",
      ]);
      expect(mail.isEncrypted).toBe(true);
      expect(mail.raw, "where it was written stays private").not.toMatch(/127\.0\.0\.1|198\.51\.100\.1\b/);
    }
  });

  it.each(customers)(
    "sends mail of $domain to the other customer's host, which verifies it too",
    async (one) => {
      const { lab } = scene;
      const other = customers.find(({ domain }) => domain !== one.domain) ?? one;
      const subject = `From ${one.domain} to ${other.domain}`;
      await submitLetter(lab, accountOf(one, "ann"), { to: `bob@${other.domain}`, subject });
      const letter = await readLetter(lab, accountOf(other, "bob"), { subject });
      const results = /^Authentication-Results:(.*(?:\r?\n[ \t].*)*)/im.exec(letter)?.[1] ?? "";
      expect(results.match(new RegExp(`dkim=pass[^;]*header\\.d=${one.domain}`, "g"))).toHaveLength(2);
      expect(results).toMatch(/spf=pass/);
      expect(results).toMatch(/dmarc=pass/);
    },
  );

  it.each(customers)("has $server try its own mail, and shows each part as well", async (one) => {
    const { page } = scene;
    await openServer(page, one.server);
    await chooseFromMenu(page, "Check mail now");
    await untilJobSucceeded(page);
    await page.getByText("The host has tried its own mail, and nothing is wrong.").first().waitFor();
    await photograph(page, `11-mail-check-${one.suite}`);
    const told = await page
      .getByRole("listitem")
      .filter({ hasText: /^(Services|A letter’s way|DKIM signature)/ })
      .allInnerTexts();
    expect(told).toHaveLength(3);
    for (const text of told) expect(text).toMatch(/\bOK\b/);
  });

  // The host's letter to itself is none of them.
  it.each(customers)("counts on $server each delivery once, and tells nobody's address", async (one) => {
    const { page, controlPlane, lab } = scene;
    await openServer(page, one.server);
    await chooseFromMenu(page, "Refresh facts");
    const outbound = () => countDeliveries(controlPlane, { server: one.server, domain: one.domain });
    await expect.poll(outbound, longWait).toMatchObject([
      { provider: "", status: "sent", attempts: 2, overTls: 2 },
      { provider: "gmail", status: "sent", attempts: 1, overTls: 1 },
    ]);
    expect(await toldDeliveries(controlPlane)).not.toMatch(/@|ann|bob|eve|To the world/);
    const heard = () => readTold(lab.host(one.server));
    await expect
      .poll(async () => (await heard()).map(({ stream }) => stream), longWait)
      .toEqual(expect.arrayContaining(["delivery", "verdicts"]));
    for (const { stream, batch } of await heard()) {
      // Of a mailbox that sends unlike itself the name is told, and it is always one of this host's own.
      const told = stream === "accounts" ? batch.replaceAll(`@${one.domain}`, "") : batch;
      expect(told, stream).not.toMatch(/@|To the world|From acme|From brook/);
      if (stream !== "accounts") expect(told, stream).not.toMatch(/\b(ann|bob|eve)\b/);
    }
  });

  it.each(customers)("tells at once what became of a message of $domain", async (one) => {
    const { text, tookMs } = await traceSender(scene.page, `ann@${one.domain}`);
    console.log(`${one.server}: ${text}; from the click to the screen ${Math.round(tookMs)} ms`);
    expect(text).toMatch(/message/);
    await scene.page.getByText("eve@receiver.example").first().waitFor();
  });

  it.each(customers)("reads mail that comes in for $domain over IMAP, also by an alias", async (one) => {
    const { page, lab } = scene;
    await addAlias(page, one.domain, { localPart: "office", destinations: [`bob@${one.domain}`] });
    await photograph(page, `12-aliases-${one.suite}`);
    for (const to of ["bob", "office"]) {
      const subject = `Order for ${to} of ${one.domain}`;
      await lab.host(one.server).waitFor(`an answer for ${to}`, async () => {
        const { code } = await lab.receivers.send({
          from: "shop@gmail.com",
          to: `${to}@${one.domain}`,
          subject,
        });
        return code === 250;
      });
      expect(await readLetter(lab, accountOf(one, "bob"), { subject })).toContain("shop@gmail.com");
    }
  });

  it.each(customers)("changes a password in $domain, and the old one stops working", async (one) => {
    const { page, lab } = scene;
    const changed = { ...accountOf(one, "ann"), password: "a new and longer phrase" };
    await changeMailboxPassword(page, one.domain, { localPart: "ann", password: changed.password });
    await lab.host(one.server).waitFor("the new password", () => canSignIn(lab, changed));
    expect(await canSignIn(lab, accountOf(one, "ann"))).toBe(false);
  });

  it.each(customers)("shows what was edited by hand on $server, and puts it back", async (one) => {
    const { page, lab } = scene;
    const host = lab.host(one.server);
    const before = await host.readFile("/etc/postfix/main.cf");
    await host.writeFile("/etc/postfix/main.cf", `${before}smtpd_banner = edited by hand\n`);
    await openServer(page, one.server);
    await chooseFromMenu(page, "Refresh facts");
    await untilJobSucceeded(page);
    await openServer(page, one.server);
    await openPart(page, "Drift");
    await page.getByText("smtpd_banner = edited by hand").first().waitFor();
    await photograph(page, `13-drift-${one.suite}`);
    await page.getByRole("button", { name: "Put back the target state" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Put back the target state" }).click();
    await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
    await untilJobSucceeded(page);
    expect(await host.readFile("/etc/postfix/main.cf")).toBe(before);
  });

  it.each(customers)(
    "keeps the mail of $server flowing when an override breaks Postfix, and shows the line",
    async (one) => {
      const { page, lab } = scene;
      await openServer(page, one.server);
      await openPart(page, "Settings");
      const field = page.getByLabel("Postfix main.cf");
      await field.fill("message_size_limit = as much as you like");
      await photograph(page, `14-settings-${one.suite}`);
      await saveOverrides(page);
      expect(await untilJobFailed(page)).toContain("message_size_limit");
      await photograph(page, `15-job-failed-${one.suite}`);
      const subject = `Still here, ${one.domain}`;
      await submitLetter(lab, accountOf(one, "bob"), { to: `bob@${one.domain}`, subject });
      await readLetter(lab, accountOf(one, "bob"), { subject });

      await openServer(page, one.server);
      await chooseFromMenu(page, "Preview changes");
      await untilJobSucceeded(page);
      await page.getByText("message_size_limit = as much as you like").first().waitFor();
      await photograph(page, `15-job-previewed-${one.suite}`);

      await openServer(page, one.server);
      await openPart(page, "Settings");
      await page.getByLabel("Postfix main.cf").fill("");
      await saveOverrides(page);
      await untilJobSucceeded(page);
    },
  );

  it("ends a session that was revoked at its next request", async () => {
    const { page, browser, controlPlane } = scene;
    const other = await openVisitor(browser, controlPlane.url);
    await signIn(other.page, owner);
    await page.goto("/settings");
    await photograph(page, "16-settings");
    const endOthers = page.getByRole("button", { name: "End all other sessions" });
    await endOthers.click();
    await endOthers.waitFor({ state: "detached" });
    await other.page.goto("/servers");
    await other.page.getByRole("heading", { name: "Sign in to Mailstead" }).waitFor();
    await other.context.close();
    await page.goto("/servers");
    await photograph(page, "17-servers");
    await openServer(page, customers[0].server);
    await photograph(page, "18-server");
  });

  it("leaves no mailbox open that was never asked for", async () => {
    const stranger = { ...accountOf(customers[0], "root"), password: "" };
    await expect(openMailbox(scene.lab, stranger)).rejects.toThrow();
  });

  it("had no page that complained, but of the wrong password and the lost line", () => {
    const expected = /\/api\/auth\/callback\/credentials|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/;
    expect(scene.visitor.complaints().filter((text) => !expected.test(text))).toEqual([]);
  });
});

async function saveOverrides(page: Scene["page"]): Promise<void> {
  await page.locator("#overrides").getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: "Show job" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
}
