import { afterAll, beforeAll, expect, it } from "vitest";
import { authorityAddress } from "../lab/addresses.ts";
import { apiKey } from "../lab/dns-client.ts";
import { findBarriers } from "../scene/accessibility.ts";
import { query } from "../scene/database.ts";
import { describeJourney } from "../scene/describe-journey.ts";
import { expectPage } from "../scene/expect-page.ts";
import { openScene, type Scene } from "../scene/scene.ts";
import { addServer } from "../scene/screens/servers.ts";
import { photograph } from "../scene/screenshots.ts";
import { stepsInOrder } from "../scene/steps-in-order.ts";

const zone = "alpha.example";
const foreignMx = "5 old.other.example";

describeJourney("publishing through a DNS connection", () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await openScene({ hosts: [], zones: [zone], receivers: false });
  });
  afterAll(() => scene?.close());
  stepsInOrder(() => scene);

  async function connect(label: string, key: string): Promise<void> {
    const { page } = scene;
    await page.goto("/settings");
    await page.getByRole("button", { name: "Connect a provider" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Provider").selectOption({ label: "PowerDNS" });
    await dialog.getByLabel("Name of this connection").fill(label);
    await dialog.getByLabel("Address of the API").fill(`http://${authorityAddress.ipv4}:8081`);
    await dialog.getByLabel("API key").fill(key);
    await dialog.getByRole("button", { name: "Connect" }).click();
    await expectPage(dialog).toBeHidden();
  }

  it("tries the credentials at once, and says why they do not work", async () => {
    const { page } = scene;
    await connect("wrong", "not-the-key");
    await expectPage(page.getByText("PowerDNS does not accept the credentials")).toBeVisible();
    await page.getByRole("button", { name: "Remove wrong" }).click();
    await page.getByRole("button", { name: "Remove connection" }).click();
    await expectPage(page.getByText("No DNS provider is connected")).toBeVisible();

    await connect("lab", apiKey);
    await expectPage(page.getByText("Works", { exact: true })).toBeVisible();
    await expectPage(page.getByText(zone)).toBeVisible();
    expect(await findBarriers(page)).toEqual([]);
    await photograph(page, "dns-connections");
  });

  it("shows what it would write and what is in the way, and writes after a word", async () => {
    const { page, lab } = scene;
    await lab.dns.setRecords(zone, [
      { name: zone, type: "MX", records: [`${foreignMx}.`] },
      { name: zone, type: "TXT", records: ['"site=1"'] },
    ]);
    await addServer(page, { customer: "Alpha", name: "mail", hostname: `mail.${zone}` });
    await page.goto("/domains");
    await page.getByRole("button", { name: "Add domain" }).first().click();
    await page.getByRole("dialog").getByLabel("Domain").fill(zone);
    await page.getByRole("dialog").getByRole("button", { name: "Add domain" }).click();
    await page.getByRole("button", { name: "Show what to publish" }).click();
    const dialog = page.getByRole("dialog");
    await expectPage(dialog.getByText(`10 mail.${zone}`)).toBeVisible();
    await expectPage(dialog.getByText("In the way")).toBeVisible();
    expect(await findBarriers(page)).toEqual([]);
    await photograph(page, "publish-difference");
    expect(await lab.dns.records(zone, zone, "MX")).toEqual([`${foreignMx}.`]);

    await dialog.getByRole("checkbox", { name: `Replace MX ${zone} ${foreignMx}` }).click();
    await dialog.getByRole("button", { name: /^Publish \d+ changes$/ }).click();
    await expectPage(dialog.getByText("Published.")).toBeVisible();
    expect(await lab.dns.records(zone, zone, "MX")).toEqual([`10 mail.${zone}.`]);
    expect((await lab.dns.records(zone, zone, "TXT")).sort()).toEqual(['"site=1"', '"v=spf1 mx -all"']);

    await dialog.getByRole("button", { name: "Look again" }).click();
    await expectPage(
      dialog.getByText("Everything that Mailstead would write stands there already."),
    ).toBeVisible();
  });

  it("wrote down who did it, and its credentials nowhere", async () => {
    const { controlPlane } = scene;
    const entries = await query<{ text: string }>(
      controlPlane,
      "select after::text as text from audit_entries where action = 'publish-records'",
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]?.text).toContain(`10 mail.${zone}`);
    expect(controlPlane.logs()).not.toContain("not-the-key");
  });
});
