import type { AlertEvent } from "@mailstead/core/alerts";
import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Smarthost, startSmarthost } from "../acceptance/smarthost.ts";
import { receiverAddresses } from "../lab/addresses.ts";
import type { LabHost } from "../lab/host.ts";
import { countDeliveries, jobsOf, query } from "../scene/database.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { letTimePass } from "../scene/let-time-pass.ts";
import { submitLetter } from "../scene/mail-client.ts";
import { openScene, paste, type Scene } from "../scene/scene.ts";
import { addDomain, publishShownRecords } from "../scene/screens/domain.ts";
import { addChannel, endMeasure, openFinding, setStandby, startMeasure } from "../scene/screens/findings.ts";
import { untilJobSucceeded } from "../scene/screens/job.ts";
import { addMailbox } from "../scene/screens/mailboxes.ts";
import { actOnWaiting, type QueueAction } from "../scene/screens/queue.ts";
import { addServer, chooseFromMenu, installStack, openPart, openServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";
import { openWebhookEndpoint, type WebhookEndpoint } from "../scene/webhook-endpoint.ts";
import { workerLooks } from "../scene/worker-looks.ts";

const customers = [
  { customer: "Acme Tools", server: "mail1", suite: "bookworm", domain: "acme.example" },
  { customer: "Brook & Partner", server: "mail2", suite: "trixie", domain: "brook.example" },
] as const;
type Customer = (typeof customers)[number];
const [acme, brook] = customers;

const longWait = { timeout: 120_000, interval: 250 } as const;
const watchman = "ops@receiver.example";
const smarthostUsers = { acme: "a relay for rainy days" };
/** Each letter has so many recipients, which are as many attempts. */
const recipientsPerLetter = 12;

const conditions = {
  gmail: "delivery-rate-limit gmail",
  outlook: "fleet-ip-reputation outlook",
  telekom: "delivery-ip-reputation t-online 198.51.100.11",
  gmx: "delivery-ip-reputation gmx 198.51.100.11",
  yahoo: "delivery-rate-limit yahoo",
} as const;

describeJourney("mail that receivers refuse", () => {
  let scene: Scene;
  let page: Page;
  let endpoint: WebhookEndpoint;
  let smarthost: Smarthost;
  let secret: string;

  const host = ({ server }: Customer): LabHost => scene.lab.host(server);

  beforeAll(async () => {
    scene = await openScene({
      hosts: customers.map(({ server, suite }) => ({ name: server, suite, image: "stack" })),
      zones: customers.map(({ domain }) => domain),
      settings: ({ authority }) => ({
        MAIL_URL: `smtp://${receiverAddresses.receiver.ipv4}:25/?ignoreTLS=true`,
        MAIL_FROM: "Mailstead <alerts@control.lab>",
        NODE_EXTRA_CA_CERTS: authority.rootPath,
      }),
    });
    page = scene.page;
    endpoint = await openWebhookEndpoint(scene.lab);
    smarthost = await startSmarthost(scene, { users: smarthostUsers });
  });
  afterAll(async () => {
    await endpoint?.close();
    await smarthost?.close();
    await scene?.close();
  });
  stepsInOrder(() => scene);

  /** All jobs of a server have ended well. */
  const untilSettled = ({ server }: Customer) =>
    expect
      .poll(async () => (await jobsOf(scene.controlPlane, server)).map(({ state }) => state), longWait)
      .toSatisfy((states: string[]) => states.every((state) => state === "succeeded"));

  /** On the page itself: while it loads, what streams in stands hidden beside it. */
  const shown = (text: string) => page.getByRole("main").getByText(text);

  /** One letter of a customer to many people of a domain. */
  const write = (one: Customer, domain: string, subject: string) =>
    submitLetter(
      scene.lab,
      { host: one.server, address: `ann@${one.domain}`, password: "ann likes a quiet harbour" },
      {
        to: Array.from({ length: recipientsPerLetter }, (_, n) => `p${n}@${domain}`).join(", "),
        subject,
      },
    );

  /** Has a server tell what it has counted, and waits until the control plane knows so many attempts. */
  const untilCounted = async (one: Customer, wanted: Readonly<Record<string, number>>) => {
    await openServer(page, one.server);
    await chooseFromMenu(page, "Refresh facts");
    await untilJobSucceeded(page);
    // Where a machine is slow, Postfix tries once more by itself.
    const missing = async () => {
      const rows = await countDeliveries(scene.controlPlane, one);
      const attempts = new Map(rows.map((row) => [`${row.provider} ${row.status}`, row.attempts]));
      return Object.entries(wanted).filter(([what, count]) => (attempts.get(what) ?? 0) < count);
    };
    await expect.poll(missing, longWait).toEqual([]);
  };

  /** What a host says of its queue: the place of each message for a domain. */
  const placesInQueue = async (one: Customer, domain: string): Promise<string[]> => {
    const { stdout } = await host(one).exec(["postqueue", "-j"]);
    return stdout
      .split("\n")
      .filter((line) => line.includes(`@${domain}"`))
      .map((line) => (JSON.parse(line) as { queue_name: string }).queue_name);
  };

  /** A button of the queue page, for all that waits for a receiver. */
  const press = async (one: Customer, provider: string, action: QueueAction, count = 1) => {
    await openServer(page, one.server);
    await actOnWaiting(page, { provider, action, count });
  };

  const openFindings = async () =>
    (
      await query<{ key: string }>(
        scene.controlPlane,
        "select key from check_findings where closed_at is null and key ~ '^(delivery|fleet)-' order by key",
      )
    ).map(({ key }) => key);

  const untriedSmarthosts = async () =>
    (await query(scene.controlPlane, "select server_id from smarthost_changes")).length;

  const events = (): AlertEvent[] => endpoint.verified(secret).flatMap((alert) => alert.events);
  const told = (what: AlertEvent["what"]) =>
    events()
      .filter((event) => event.what === what)
      .map(({ key }) => key)
      .sort();

  it("needs two servers of two customers", { timeout: 400_000 }, async () => {
    for (const one of customers) {
      const command = await addServer(page, {
        customer: one.customer,
        name: one.server,
        hostname: host(one).description.hostname,
      });
      const { code, output } = await paste(host(one), command);
      expect(code, output).toBe(0);
      await installStack(page, one.server);
    }
    for (const one of customers) await untilSettled(one);
    for (const one of customers) {
      await addDomain(page, one);
      await publishShownRecords(page, scene.lab, [one.domain, "fleet.example"]);
      await addMailbox(page, one.domain, { localPart: "ann", password: "ann likes a quiet harbour" });
    }
    for (const one of customers) await untilSettled(one);
  });

  it("has a smarthost in reserve on one of them, and two who are told", async () => {
    await openServer(page, acme.server);
    await openPart(page, "Settings");
    const [username = "", password = ""] = Object.entries(smarthostUsers)[0] ?? [];
    await setStandby(page, { host: smarthost.hostname, port: smarthost.port, username, password });
    await expect.poll(() => untriedSmarthosts(), longWait).toBe(0);
    await scene.lab.receivers.changePolicy("receiver", {
      requiresAuthentication: false,
      requiresReverseName: false,
    });
    await addChannel(page, { name: "On duty", recipient: watchman });
    secret = (await addChannel(page, { name: "Pager", url: endpoint.url })) ?? "";
    await untilSettled(acme);
  });

  it("is refused by Outlook, T-Online and GMX, and slowed down by Gmail and Yahoo", async () => {
    await scene.lab.receivers.changePolicy("outlook", {
      block: customers.map((one) => host(one).description.ipv4),
    });
    await scene.lab.receivers.changePolicy("t-online", { knows: [] });
    await scene.lab.receivers.changePolicy("gmx", { block: [host(acme).description.ipv4] });
    for (const name of ["gmail", "yahoo"] as const)
      await scene.lab.receivers.changePolicy(name, { rateLimit: 0 });
    await write(acme, "gmail.com", "To Gmail");
    await write(acme, "t-online.de", "To T-Online");
    await write(acme, "gmx.de", "To GMX");
    await write(brook, "yahoo.com", "To Yahoo");
    for (const one of customers) await write(one, "outlook.com", "To Outlook");
    await untilCounted(acme, {
      "gmail deferred": 12,
      "t-online deferred": 12,
      "gmx deferred": 12,
      "outlook bounced": 12,
    });
    await untilCounted(brook, { "outlook bounced": 12, "yahoo deferred": 12 });
    // A receiver that slows down for a moment is no news: it has to last.
    await workerLooks(scene.controlPlane);
    await letTimePass(scene.controlPlane, 16);
    await press(acme, "gmail", "Try now");
    await press(brook, "yahoo", "Try now");
    await untilCounted(acme, { "gmail deferred": 24 });
    await untilCounted(brook, { "yahoo deferred": 24 });
    await workerLooks(scene.controlPlane);
  });

  it("shows what Outlook does to both as one finding, with the time, and the words of the block", async () => {
    await openFinding(page, /Outlook\.com began to refuse 2 servers at \d\d:\d\d UTC on /);
    await page.getByText("(S3140)", { exact: false }).first().waitFor();
    for (const { server } of customers)
      await page.getByRole("main").getByRole("link", { name: server }).waitFor();
    await page.getByText("1 server has no standby smarthost").waitFor();
    await photograph(page, "refused-outlook-fleet");
    await page.goto("/");
    await photograph(page, "refused-home");
  });

  it("names who has to mend what T-Online holds against the address, and how", async () => {
    await openFinding(page, /Telekom \(T-Online\) blocks 198\.51\.100\.11 \(NOWL\)\./);
    await page.getByText("Yours to set right").waitFor();
    await page
      .getByText(/imprint/)
      .first()
      .waitFor();
    await page.getByText(/tobr@rx\.t-online\.de where the reply ends with \(NOWL\)/).waitFor();
    await photograph(page, "refused-t-online");
  });

  it("says what GMX and Yahoo call it", async () => {
    await openFinding(page, /GMX\/WEB\.DE blocks 198\.51\.100\.11 \(r0201\)\./);
    await photograph(page, "refused-gmx");
    await openFinding(page, /Yahoo slows down mail of mail2, nearly all of brook\.example \(TSS04\)\./);
    await photograph(page, "refused-yahoo");
  });

  it("tells the channels each of them once", async () => {
    await letTimePass(scene.controlPlane, 2);
    await workerLooks(scene.controlPlane);
    await expect.poll(() => told("opened"), longWait).toEqual(Object.values(conditions).sort());
  });

  it("backs off from Gmail by one click, which the host obeys", async () => {
    await openFinding(page, /Gmail slows down mail of mail1/);
    await photograph(page, "refused-gmail");
    await startMeasure(page, "Back off", () => photograph(page, "refused-gmail-start"));
    await untilSettled(acme);
    expect(await host(acme).must(["postconf", "-h", "defer_transports"])).toContain("mailstead-to-gmail");
  });

  it("sends slower to Yahoo by one click, which the host obeys", async () => {
    await openFinding(page, /Yahoo slows down mail of mail2/);
    await startMeasure(page, "Send slower", () => photograph(page, "refused-yahoo-start"));
    await untilSettled(brook);
    expect(await host(brook).must(["postconf", "-M", "mailstead-to-yahoo/unix"])).toMatch(/ 2 +smtp/);
  });

  it("holds, releases and deletes on the host what waits, from its queue page", async () => {
    await press(brook, "yahoo", "Hold");
    expect(await placesInQueue(brook, "yahoo.com")).toEqual(["hold"]);
    await press(brook, "yahoo", "Release");
    expect(await placesInQueue(brook, "yahoo.com")).not.toContain("hold");
    await write(brook, "yahoo.com", "Once more to Yahoo");
    await expect.poll(() => placesInQueue(brook, "yahoo.com"), longWait).toEqual(["deferred", "deferred"]);
    await press(brook, "yahoo", "Delete", 2);
    expect(await placesInQueue(brook, "yahoo.com")).toEqual([]);
    // One that stays on hold until Yahoo takes mail again.
    await write(brook, "yahoo.com", "At a slower pace");
    await expect.poll(() => placesInQueue(brook, "yahoo.com"), longWait).toEqual(["deferred"]);
    await press(brook, "yahoo", "Hold");
    // What was put off so far is known before time passes, so that it lies before what is taken later.
    await untilCounted(brook, { "yahoo deferred": 48 });
  });

  it("relays what waits for T-Online and GMX through the smarthost by one click each", async () => {
    for (const [sentence, provider, subject] of [
      [/Telekom \(T-Online\) blocks/, "t-online", "To T-Online"],
      [/GMX\/WEB\.DE blocks/, "gmx", "To GMX"],
    ] as const) {
      await openFinding(page, sentence);
      await startMeasure(page, "Send through the smarthost");
      await untilSettled(acme);
      await press(acme, provider, "Try now");
      await expect
        .poll(() => smarthost.mails.some(({ text }) => text.includes(subject)), longWait)
        .toBe(true);
    }
  });

  it("relays what is for Outlook through the smarthost by one click, where there is one", async () => {
    await openFinding(page, /Outlook\.com began to refuse 2 servers/);
    await startMeasure(page, "Send through the smarthost", () => photograph(page, "refused-outlook-start"));
    await untilSettled(acme);
    await write(acme, "outlook.com", "By the smarthost");
    await expect.poll(() => smarthost.mails.some(({ text }) => text.includes("By the smarthost"))).toBe(true);
  });

  it("takes mail to each of them again once the cause is gone, at Gmail over one connection at first", async () => {
    for (const name of ["gmail", "outlook", "t-online", "gmx", "yahoo"] as const)
      await scene.lab.receivers.changePolicy(name, {});
    await openServer(page, acme.server);
    await page.locator("#measures").scrollIntoViewIfNeeded();
    await photograph(page, "refused-measures");
    for (const receiver of ["Outlook.com", "Telekom (T-Online)", "GMX/WEB.DE"])
      await endMeasure(page, `End: Send through the smarthost, ${receiver}`);
    await untilSettled(acme);
    await letTimePass(scene.controlPlane, 11);
    await workerLooks(scene.controlPlane);
    await untilSettled(acme);
    await page.reload();
    await shown("1 connection at once at most.").waitFor();
    expect(await host(acme).must(["postconf", "-h", "defer_transports"])).not.toContain("mailstead-to-gmail");
    expect(await host(acme).must(["postconf", "-M", "mailstead-to-gmail/unix"])).toMatch(/ 1 +smtp/);
    // The minute of a step holds its cause, and counts for nothing.
    await letTimePass(scene.controlPlane, 1);
    await press(acme, "gmail", "Try now");
    for (const domain of ["t-online.de", "gmx.de"]) await write(acme, domain, "Directly again");
    await press(brook, "yahoo", "Release");
    await press(brook, "yahoo", "Try now");
    for (const one of customers) await write(one, "outlook.com", "Directly again");
    await untilCounted(acme, { "gmail sent": 12, "t-online sent": 12, "gmx sent": 12, "outlook sent": 12 });
    await untilCounted(brook, { "outlook sent": 12, "yahoo sent": 12 });
  });

  it("closes every finding by itself, and goes on with the back-off", async () => {
    await letTimePass(scene.controlPlane, 21);
    await workerLooks(scene.controlPlane);
    await page.goto("/");
    await page.getByRole("main").getByRole("heading").first().waitFor();
    await expect.poll(() => openFindings(), longWait).toEqual([]);
    await untilSettled(acme);
    await openServer(page, acme.server);
    await shown("2 connections at once at most.").waitFor();
  });

  it("ends each measure when its time is over, and leaves nothing of it on the host", async () => {
    for (const [one, hours, provider] of [
      [acme, 24, "gmail"],
      [brook, 48, "yahoo"],
    ] as const) {
      await letTimePass(scene.controlPlane, hours * 60);
      await workerLooks(scene.controlPlane);
      await untilSettled(one);
      await openServer(page, one.server);
      await shown("Ended: its time was over.").waitFor();
      expect(await host(one).must(["postconf", "-M"])).not.toContain(`mailstead-to-${provider}`);
    }
  });

  it("has told each channel of each opening and each end once", async () => {
    await expect.poll(() => told("closed"), longWait).toEqual(Object.values(conditions).sort());
    expect(told("opened")).toEqual(Object.values(conditions).sort());
    expect(endpoint.verified(secret)).toHaveLength(endpoint.requests());
    const mails = async () =>
      (await scene.lab.receivers.inbox())
        .filter(({ recipients }) => recipients.includes(watchman))
        .map(({ raw }) => raw.replaceAll("=\r\n", ""))
        .join("\n");
    // One line says that it came, and one that it went.
    for (const sentence of [
      /^- .*Outlook\.com began to refuse 2 servers/gm,
      /^- .*Gmail slows down mail of mail1/gm,
      /^- .*Telekom \(T-Online\) blocks 198\.51\.100\.11/gm,
      /^- .*GMX\/WEB\.DE blocks 198\.51\.100\.11/gm,
      /^- .*Yahoo slows down mail of mail2/gm,
    ])
      await expect.poll(async () => (await mails()).match(sentence), longWait).toHaveLength(2);
  });
});
