import type { Locator, Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";

export interface NewServer {
  readonly customer: string;
  readonly name: string;
  readonly hostname: string;
}

/** Names a server in the dialog and returns the command that it shows. The dialog stays open and waits for the host. */
export async function addServer(page: Page, server: NewServer): Promise<string> {
  await page.goto("/servers");
  await page.getByRole("button", { name: "Add server" }).first().click();
  const dialog = page.getByRole("dialog");
  await chooseCustomer(dialog, server.customer);
  await dialog.getByLabel("Host name").fill(server.hostname);
  await dialog.getByLabel("Name", { exact: true }).fill(server.name);
  await dialog.getByRole("button", { name: "Get the install command" }).click();
  await expectPage(dialog.getByRole("heading", { name: `Run this on ${server.name}` })).toBeVisible();
  return copyFrom(page, dialog.getByRole("button", { name: "Copy the install command" }));
}

/** Picks a customer in a dialog by name, or names a new one there. */
export async function chooseCustomer(dialog: Locator, name: string): Promise<void> {
  await expectPage(dialog.getByLabel("Host name").or(dialog.getByLabel("Domain")).first()).toBeVisible();
  const list = dialog.getByLabel("Customer", { exact: true });
  if (await list.isVisible()) {
    const names = await list.getByRole("option").allTextContents();
    await list.selectOption({ label: names.includes(name) ? name : "New customer…" });
    if (names.includes(name)) return;
  }
  await dialog.getByLabel("Name of the customer").fill(name);
}

/** Presses a copy button and returns what the clipboard holds then. */
export async function copyFrom(page: Page, button: Locator): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await button.click();
  await expectPage.poll(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe("");
  return page.evaluate(() => navigator.clipboard.readText());
}

/** From the dialog that has turned live to the job that installs the mail stack; `look` is called on the preview. */
export async function installStack(page: Page, name: string, look?: () => Promise<void>): Promise<void> {
  const dialog = page.getByRole("dialog");
  await expectPage(dialog.getByText(`${name} is online`)).toBeVisible({ timeout: 60_000 });
  await dialog.getByRole("button", { name: "Review installation" }).click();
  await expectPage(page.getByRole("button", { name: "Install mail" })).toBeVisible();
  await look?.();
  await page.getByRole("button", { name: "Install mail" }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
}

/** Opens a server's page by its name. */
export async function openServer(page: Page, name: string): Promise<void> {
  await page.goto("/servers");
  await page.getByRole("link", { name, exact: true }).first().click();
  await expectPage(page.getByRole("heading", { name, exact: true, level: 1 })).toBeVisible();
}

/** Asks the server's menu for something that becomes a job, and ends on that job's page. */
export async function chooseFromMenu(
  page: Page,
  item: "Apply target state" | "Preview changes" | "Refresh facts",
): Promise<void> {
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: item }).click();
  await page.waitForURL(/\/jobs\/[0-9a-f-]{36}/);
}

/** Opens one of the parts of the server whose page is shown. */
export async function openPart(
  page: Page,
  part: "Overview" | "Deliverability" | "Queue" | "Software" | "Drift" | "Jobs" | "Settings",
): Promise<void> {
  const parts = page.getByRole("navigation", { name: "Parts of this server" });
  await parts.getByRole("link", { name: part }).click();
}
