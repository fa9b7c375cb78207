import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findBarriers } from "../scene/accessibility.ts";
import { narrow, openVisitor, type Visitor, wide } from "../scene/browser.ts";
import { type Demo, openDemo } from "../scene/demo.ts";
import { describeInBrowser } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import {
  layoutShiftMax,
  readLayoutShift,
  readOverflowPx,
  readTabsOutOfView,
  watchLayout,
} from "../scene/page-quality.ts";
import { addUpSender, addUpYesterday, walkChart } from "../scene/screens/deliverability.ts";
import { openDomain } from "../scene/screens/domain.ts";
import { openDomainPart } from "../scene/screens/mailboxes.ts";
import { dealWithQueue } from "../scene/screens/queue.ts";
import { openPart, openServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";

const smallest = { width: 360, height: 780 } as const;

interface Screen {
  readonly name: string;
  readonly title: string;
  /** Goes there as a person does. */
  readonly open: (page: Page) => Promise<unknown>;
}

const at = (path: string) => (page: Page) => page.goto(path);
const partOf = (server: string, part: Parameters<typeof openPart>[1]) => async (page: Page) => {
  await openServer(page, server);
  await openPart(page, part);
};
const job = (state: string, name: string) => async (page: Page) => {
  await page.goto(`/jobs?state=${state}`);
  await page.getByRole("table").getByRole("link", { name }).first().click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
};
const rollout = (title: string) => async (page: Page) => {
  await page.goto("/rollouts");
  await page.getByRole("main").getByRole("link", { name: title }).click();
  await page.waitForURL(/\/rollouts\/[0-9a-f-]{36}$/);
};

/** Every screen of the house, by how a person gets there, with what its tab is called. */
const screens: readonly Screen[] = [
  { name: "home", title: "Home", open: at("/") },
  { name: "servers", title: "Servers", open: at("/servers") },
  { name: "server-healthy", title: "alpine-mx1", open: (page) => openServer(page, "alpine-mx1") },
  {
    name: "server-service-down",
    title: "nordlicht-archive",
    open: (page) => openServer(page, "nordlicht-archive"),
  },
  { name: "server-awaiting", title: "alpine-graz", open: (page) => openServer(page, "alpine-graz") },
  { name: "drift", title: "Drift · alpine-vienna", open: partOf("alpine-vienna", "Drift") },
  { name: "drift-none", title: "Drift · alpine-mx1", open: partOf("alpine-mx1", "Drift") },
  { name: "server-jobs", title: "Jobs · alpine-mx1", open: partOf("alpine-mx1", "Jobs") },
  { name: "server-software", title: "Software · harbour-mx2", open: partOf("harbour-mx2", "Software") },
  {
    name: "server-software-outdated",
    title: "Software · nordlicht-archive",
    open: partOf("nordlicht-archive", "Software"),
  },
  { name: "updates", title: "Updates", open: at("/updates") },
  { name: "cves", title: "CVEs", open: at("/updates/cves") },
  { name: "cve", title: "Open to CVE-2024-6387", open: at("/updates/cves/CVE-2024-6387") },
  { name: "packages", title: "Find a package", open: at("/updates/packages?q=openssl") },
  { name: "packages-similar", title: "Find a package", open: at("/updates/packages?q=dovecot") },
  { name: "restart", title: "To restart", open: at("/updates/restart") },
  { name: "server-settings", title: "Settings · alpine-mx1", open: partOf("alpine-mx1", "Settings") },
  {
    name: "install",
    title: "Installation · nordlicht-oslo",
    open: async (page) => {
      await openServer(page, "nordlicht-oslo");
      await page.goto(`${page.url()}/install`);
    },
  },
  { name: "rollouts", title: "Rollouts", open: at("/rollouts") },
  { name: "rollout-new", title: "New rollout", open: at("/rollouts/new?sources=openssl") },
  { name: "rollout-new-agents", title: "New rollout", open: at("/rollouts/new?what=agents") },
  {
    name: "rollout-new-configurations",
    title: "New rollout",
    open: at("/rollouts/new?what=configurations"),
  },
  { name: "rollout-agents", title: "Update of the agent", open: rollout("Update of the agent") },
  { name: "rollout-halted", title: "Update of dovecot", open: rollout("Update of dovecot") },
  {
    name: "rollout-finished",
    title: "Update of gnutls28",
    open: rollout("Update of gnutls28"),
  },
  { name: "jobs", title: "Jobs", open: at("/jobs") },
  { name: "job-running", title: "Install mail · nordlicht-oslo", open: job("active", "Install mail") },
  {
    name: "job-failed",
    title: "Apply target state · nordlicht-hamburg",
    open: job("failed", "Apply target state"),
  },
  { name: "domains", title: "Domains", open: at("/domains") },
  {
    name: "domain",
    title: "alpine-bakery.example",
    open: (page) => openDomain(page, "alpine-bakery.example"),
  },
  {
    name: "domain-mailboxes",
    title: "Mailboxes · alpine-bakery.example",
    open: (page) => openDomainPart(page, "alpine-bakery.example", "Mailboxes"),
  },
  {
    name: "domain-aliases",
    title: "Aliases · alpine-bakery.example",
    open: (page) => openDomainPart(page, "alpine-bakery.example", "Aliases"),
  },
  {
    name: "domain-reports",
    title: "Deliverability · vienna.alpine-bakery.example",
    open: (page) => openDomainPart(page, "vienna.alpine-bakery.example", "Deliverability"),
  },
  {
    name: "domain-keys",
    title: "DKIM keys · alpine-bakery.example",
    open: (page) => openDomainPart(page, "alpine-bakery.example", "DKIM keys"),
  },
  {
    name: "domain-rotation",
    title: "DKIM keys · nordlicht.example",
    open: (page) => openDomainPart(page, "nordlicht.example", "DKIM keys"),
  },
  {
    name: "domain-delegated-keys",
    title: "DKIM keys · nordlicht-projekte.example",
    open: (page) => openDomainPart(page, "nordlicht-projekte.example", "DKIM keys"),
  },
  {
    name: "domain-settings",
    title: "Mail settings · alpine-bakery.example",
    open: (page) => openDomainPart(page, "alpine-bakery.example", "Mail settings"),
  },
  { name: "deliverability", title: "Deliverability", open: at("/deliverability") },
  { name: "senders", title: "Senders", open: at("/deliverability/senders") },
  { name: "encryption", title: "Encryption", open: at("/deliverability/encryption") },
  { name: "block-lists", title: "Block lists", open: at("/deliverability/block-lists") },
  {
    name: "deliverability-chart",
    title: "Deliverability",
    open: at("/deliverability?view=chart&compare=1&provider=yahoo"),
  },
  {
    name: "server-deliverability",
    title: "Deliverability · alpine-vienna",
    open: partOf("alpine-vienna", "Deliverability"),
  },
  {
    name: "address-deliverability",
    title: "203.0.113.11 · alpine-mx1",
    open: async (page) => {
      await partOf("alpine-mx1", "Deliverability")(page);
      await page.getByRole("link", { name: "203.0.113.11", exact: true }).click();
      await page.waitForURL(/deliverability\/203\.0\.113\.11$/);
    },
  },
  {
    name: "domain-deliverability",
    title: "Deliverability · nordlicht.example",
    open: (page) => openDomainPart(page, "nordlicht.example", "Deliverability"),
  },
  { name: "zones", title: "Zones", open: at("/zones") },
  {
    name: "zone",
    title: "harbour-maritime.example",
    open: async (page) => {
      await page.goto("/zones");
      await page.getByRole("link", { name: "harbour-maritime.example" }).first().click();
      await page.waitForURL(/\/zones\/[0-9a-f-]{36}$/);
    },
  },
  { name: "mailboxes", title: "Mailboxes", open: at("/mailboxes") },
  { name: "trace", title: "Trace", open: at("/trace") },
  { name: "queues", title: "Mail queue", open: at("/queue") },
  { name: "server-queue", title: "Queue · harbour-cork", open: partOf("harbour-cork", "Queue") },
  { name: "customers", title: "Customers", open: at("/customers") },
  { name: "audit", title: "Audit log", open: at("/audit") },
  { name: "settings", title: "Settings", open: at("/settings") },
  { name: "alerts", title: "Alerts", open: at("/settings/alerts") },
  { name: "maintenance", title: "Maintenance", open: at("/settings/maintenance") },
  {
    name: "not-found",
    title: "There is nothing here",
    open: at("/servers/01890000-0000-7000-8000-000000000000"),
  },
];

describeInBrowser("every screen of the demo fleet", () => {
  let demo: Demo;
  let page: Page;
  let stranger: Visitor;

  beforeAll(async () => {
    demo = await openDemo();
    page = demo.page;
    stranger = await openVisitor(demo.browser, demo.controlPlane.url);
    await watchLayout(stranger.context);
  });
  afterAll(() => demo?.close());

  it("sees each kind of barrier where there is one", async () => {
    const empty = await demo.visitor.context.newPage();
    await empty.setContent(`<body style="background:#fff"><h1>Title</h1><h3>Skipped</h3>
      <p style="color:#999">pale</p><button><svg></svg></button><input><img src="data:,">
      <p id="twice"></p><p id="twice"></p><label for="nobody">Name</label>
      <table aria-label="Plain"><tr aria-selected="true"><td>row</td></tr></table></body>`);
    const kinds = (await findBarriers(empty)).map((barrier) => barrier.split(":")[0]);
    expect(kinds).toEqual([
      "contrast 2.85",
      "no name",
      "no name",
      "id used twice",
      "for leads nowhere",
      "a state on a row of a plain table",
      "no alternative text",
      "heading after level 1",
    ]);
    await empty.close();
  });

  it.each(screens)(
    "shows $name whole, under its own title, without a jump",
    async ({ name, title, open }) => {
      await open(page);
      await page.waitForLoadState("networkidle");
      await expectStill(page);
      await expectPage(page).toHaveTitle(`${title} · Mailstead`);
      await expectNoBarriers(page);
      await photograph(page, `demo-${name}`);
    },
  );

  it("shows the door to a stranger in the same way", async () => {
    await stranger.page.goto("/sign-in");
    await expectStill(stranger.page);
    await expectPage(stranger.page).toHaveTitle("Sign in to Mailstead");
    await expectNoBarriers(stranger.page);
    await photograph(stranger.page, "demo-sign-in");
  });

  it.each([
    ["add a server", "/servers", "Add server"],
    ["add a domain", "/domains", "Add domain"],
    ["add a customer", "/customers", "Add customer"],
    ["connect a feed", "/settings", "Connect a feed"],
  ])("has no barrier in the dialog to %s", async (_what, path, button) => {
    await page.goto(path);
    await page.getByRole("button", { name: button }).first().click();
    await expectPage(page.getByRole("dialog")).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectNoBarriers(page);
    await photograph(page, `demo-${button.toLowerCase().replace(" ", "-")}`);
  });

  it("has no barrier in the dialog to add a mailbox", async () => {
    await openDomainPart(page, "alpine-bakery.example", "Mailboxes");
    await page.getByRole("button", { name: "Add mailbox" }).first().click();
    await expectNoBarriers(page);
    await photograph(page, "demo-add-mailbox");
  });

  it("has no barrier in the dialog to give up a machine that is lost", async () => {
    await openDomainPart(page, "cork.harbour-legal.example", "DKIM keys");
    await page.getByRole("button", { name: "It is lost for good" }).click();
    await expectPage(page.getByRole("dialog")).toContainText("no rotation waits for it any more");
    await expectNoBarriers(page);
    await photograph(page, "demo-lost-host");
  });

  it("says which records leave with a server of a domain, takes it off and lets it stay after all", async () => {
    await openDomain(page, "alpine-bakery.example");
    const row = page
      .getByRole("list", { name: "Servers" })
      .getByRole("listitem")
      .filter({ hasText: "alpine-zurich" });
    await expectPage(row).toContainText("Backup MX");
    const choose = async (item: string) => {
      await row.getByRole("button", { name: "Change what alpine-zurich does" }).click();
      await page.getByRole("menuitem", { name: item, exact: true }).click();
    };
    await choose("Change to MX");
    await expectPage(row).toContainText("Receives beside the home");
    await choose("Take off");
    const dialog = page.getByRole("dialog");
    await expectPage(dialog).toContainText("alpine-bakery.example MX 10 mail.zurich.alpine-bakery.example");
    await dialog.getByRole("button", { name: "Take off" }).click();
    await expectPage(row).toContainText("Leaving");
    await row.getByRole("button", { name: "Keep alpine-zurich" }).click();
    await expectPage(row).not.toContainText("Leaving");
  });

  it("keeps the colours that a person chose, from the first paint on", async () => {
    await page.goto("/settings");
    await page.getByRole("radio", { name: "Dark" }).check({ force: true });
    expect(await (await page.request.get("/servers")).text()).toMatch(/<html[^>]* data-theme="dark"/);
    await page.reload();
    await expectPage(page.getByRole("radio", { name: "Dark" })).toBeChecked();
    const canvas = () => page.evaluate(() => getComputedStyle(document.body).colorScheme);
    expect(await canvas()).toBe("dark");
    await page.getByRole("radio", { name: "Follow the system" }).check({ force: true });
    expect(await (await page.request.get("/servers")).text()).not.toMatch(/<html[^>]* data-theme/);
  });

  it("names first what hurts mail now, with the way to mend it", async () => {
    await page.goto("/");
    const panel = page.locator("section", {
      has: page.getByRole("heading", { name: "What needs you" }),
    });
    const findings = panel.getByRole("listitem");
    await expectPage(findings.first()).toContainText("Yahoo began to defer 7 servers");
    await expectPage(findings.nth(1)).toContainText("Rspamd down");
    await expectPage(findings.nth(1)).toContainText("nordlicht-archive");
    await findings.nth(1).getByRole("link").click();
    // Its own page, once it has lasted long enough to be kept.
    await page.waitForURL(/\/(servers|findings)\/[0-9a-f-]{36}$/);
    await expectPage(page.getByRole("main").getByText("nordlicht-archive").first()).toBeVisible();
  });

  it("makes each number of a day up of the senders behind it, and a sender's of the reports behind it", async () => {
    await addUpYesterday(page, "Outlook.com");
    await addUpSender(page, "203.0.113.201");
    await expectNoBarriers(page);
    await photograph(page, "demo-sender");
  });

  it("lets a chart be walked by keyboard and hands its days out, those before beside them", async () => {
    const [head, ...lines] = await walkChart(page);
    expect(head).toMatch(/^day_utc,time,receiver,messages,delivered/);
    // Today has nothing yet where the day has just begun.
    expect(lines.filter((line) => line.includes(",now,outlook,")).length).toBeGreaterThanOrEqual(29);
    expect(lines.filter((line) => line.includes(",before,outlook,"))).toHaveLength(30);
  });

  it("changes where alerts go without asking for their address again", async () => {
    await page.goto("/settings/alerts");
    await page.getByRole("button", { name: "Add a channel" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("Night watch");
    await dialog.getByLabel("By", { exact: true }).selectOption("webhook");
    await dialog.getByLabel("Address of the webhook").fill("https://alerts.fjordmail.example/night");
    await dialog.getByRole("button", { name: "Add a channel" }).click();
    await dialog.getByRole("button", { name: "I have kept it" }).click();
    await page.getByRole("button", { name: "Edit Night watch" }).click();
    await expectNoBarriers(page);
    await dialog.getByLabel("Name", { exact: true }).fill("Nachtwache für alle");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expectPage(page.getByText("Nachtwache für alle").first()).toBeVisible();
  });

  it("lists a long queue page by page and by domain, and deals with it on its server and over all", async () => {
    await dealWithQueue(page, demo.controlPlane, "alpine-graz");
    await expectNoBarriers(page);
    await photograph(page, "demo-queue-everywhere");
  });

  it("can be used at twice the size", async () => {
    await page.setViewportSize({ width: wide.width / 2, height: wide.height / 2 });
    await page.goto("/servers");
    await page.waitForLoadState("networkidle");
    expect(await readOverflowPx(page)).toBe(0);
    await page.setViewportSize(wide);
  });

  it("had no page that complained", () => {
    const complaints = [...demo.visitor.complaints(), ...stranger.complaints()];
    expect(complaints.filter((text) => !/status of 404/.test(text))).toEqual([]);
  });
});

/** Loads the page anew at the width of a desk and of a phone: nothing jumps, and nothing lies beyond the edge. */
async function expectStill(page: Page): Promise<void> {
  for (const viewport of [narrow, wide]) {
    await page.setViewportSize(viewport);
    await page.reload();
    await expectPage(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
    await page.waitForLoadState("networkidle");
    const { layoutShift, shifted } = await readLayoutShift(page);
    expect(layoutShift, `jumped at ${viewport.width} px: ${shifted.join("\n")}`).toBeLessThan(layoutShiftMax);
    expect(await readOverflowPx(page), `beyond ${viewport.width} px`).toBe(0);
    expect(await readTabsOutOfView(page), `out of sight at ${viewport.width} px`).toEqual([]);
  }
  await page.setViewportSize(smallest);
  expect(await readOverflowPx(page), `beyond ${smallest.width} px`).toBe(0);
  await page.setViewportSize(wide);
}

async function expectNoBarriers(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expectPage.poll(() => findBarriers(page), { message: `in ${colorScheme} colours` }).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
