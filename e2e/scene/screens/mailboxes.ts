import type { Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";
import { openDomain } from "./domain.ts";

export interface NewMailbox {
  readonly localPart: string;
  readonly password: string;
}

export interface NewAlias {
  readonly localPart: string;
  readonly destinations: readonly string[];
}

/** Opens one of the parts of a domain. */
export async function openDomainPart(
  page: Page,
  domain: string,
  part: "Mailboxes" | "Aliases" | "DKIM keys" | "Mail settings" | "Deliverability",
): Promise<void> {
  await openDomain(page, domain);
  const parts = page.getByRole("navigation", { name: "Parts of this domain" });
  await parts.getByRole("link", { name: part }).click();
  await page.waitForURL(/\/domains\/[0-9a-f-]{36}\/[a-z]+/);
}

/** Creates a mailbox and closes the dialog that shows what its owner types into a mail program. */
export async function addMailbox(page: Page, domain: string, mailbox: NewMailbox): Promise<void> {
  await openDomainPart(page, domain, "Mailboxes");
  await page.getByRole("button", { name: "Add mailbox" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill(mailbox.localPart);
  await dialog.getByLabel("Password", { exact: true }).fill(mailbox.password);
  await dialog.getByRole("button", { name: "Create mailbox" }).click();
  const address = `${mailbox.localPart}@${domain}`;
  await expectPage(dialog.getByRole("heading", { name: `${address} is ready` })).toBeVisible();
  await expectPage(dialog.getByText("Incoming mail (IMAP)")).toBeVisible();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expectPage(page.getByRole("cell", { name: address, exact: true })).toBeVisible();
}

/** Gives a mailbox another password. */
export async function changeMailboxPassword(page: Page, domain: string, mailbox: NewMailbox): Promise<void> {
  await openDomainPart(page, domain, "Mailboxes");
  await page.getByRole("button", { name: `Actions for ${mailbox.localPart}@${domain}` }).click();
  await page.getByRole("menuitem", { name: "Set password" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password", { exact: true }).fill(mailbox.password);
  await dialog.getByRole("button", { name: "Set password" }).click();
  await expectPage(dialog.getByText("The password is set.")).toBeVisible();
}

/** Makes an alias and waits until the list shows where it goes. */
export async function addAlias(page: Page, domain: string, alias: NewAlias): Promise<void> {
  await openDomainPart(page, domain, "Aliases");
  await page.getByRole("button", { name: "Add alias" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Address").fill(alias.localPart);
  await dialog.getByLabel("Goes to").fill(alias.destinations.join("\n"));
  await dialog.getByRole("button", { name: "Add alias" }).click();
  await expectPage(
    page.getByRole("cell", { name: `${alias.localPart}@${domain}`, exact: true }),
  ).toBeVisible();
}
