import type { Page } from "@playwright/test";
import type { RecordSet } from "../../lab/dns-client.ts";
import type { Lab } from "../../lab/lab.ts";
import { expectPage } from "../expect-page.ts";
import { copyFrom } from "./servers.ts";

export interface NewDomain {
  readonly domain: string;
  readonly server: string;
  readonly customer: string;
}

const keysWithinMs = 60_000;
const selectorsPerDomain = 2;

/** Adds a domain to a server and stays on its page until the host has made the keys that its records carry. */
export async function addDomain(page: Page, { domain, server, customer }: NewDomain): Promise<void> {
  await page.goto("/domains");
  await page.getByRole("button", { name: "Add domain" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Server").selectOption({ label: `${server} (${customer})` });
  await dialog.getByLabel("Domain").fill(domain);
  await dialog.getByRole("button", { name: "Add domain" }).click();
  await expectPage(page.getByRole("heading", { name: domain, level: 1 })).toBeVisible();
  await expectPage(page.getByRole("article", { name: /^TXT .+\._domainkey\./ })).toHaveCount(
    selectorsPerDomain,
    {
      timeout: keysWithinMs,
    },
  );
}

/** Opens a domain's page by its name. */
export async function openDomain(page: Page, domain: string): Promise<void> {
  await page.goto("/domains");
  await page.getByRole("link", { name: domain, exact: true }).first().click();
  await expectPage(page.getByRole("heading", { name: domain, level: 1 })).toBeVisible();
}

/** Copies all records that the page shows, as a zone file, and puts those of these zones into the lab's DNS. */
export async function publishShownRecords(page: Page, lab: Lab, zones: readonly string[]): Promise<void> {
  const text = await copyFrom(page, page.getByRole("button", { name: "Copy all records" }));
  const sets = new Map<string, RecordSet & { records: string[] }>();
  for (const line of text.trim().split("\n")) {
    const [, name = "", type = "", data = ""] = /^(\S+)\.\s+IN\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    const key = `${name} ${type}`;
    const set = sets.get(key) ?? { name, type, records: [] };
    set.records.push(data);
    sets.set(key, set);
  }
  for (const zone of zones) {
    const ofZone = [...sets.values()].filter(({ name }) => name === zone || name.endsWith(`.${zone}`));
    await lab.dns.setRecords(zone, ofZone);
  }
}

/** Asks for a check until every record is right, as the page says it. */
export async function checkRecords(page: Page): Promise<void> {
  await expectPage(async () => {
    await page.getByRole("button", { name: "Check now" }).click();
    await expectPage(page.getByText("Every record is right.")).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 120_000 });
}
