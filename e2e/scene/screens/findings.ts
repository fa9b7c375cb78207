import type { Page } from "@playwright/test";
import { expectPage } from "../expect-page.ts";
import { copyFrom } from "./servers.ts";

/** Opens a finding from Home by the words of its sentence, and ends on its page. */
export async function openFinding(page: Page, sentence: RegExp): Promise<void> {
  await page.goto("/");
  await page.getByRole("main").getByRole("link").filter({ hasText: sentence }).first().click();
  await page.waitForURL(/\/findings\/[0-9a-f-]{36}/);
  await expectPage(page.getByRole("heading", { level: 1, name: sentence })).toBeVisible();
}

/** Starts the measure that the shown finding proposes, after its dialog has said what it does to mail. */
export async function startMeasure(page: Page, label: string, look?: () => Promise<void>): Promise<void> {
  await page.getByRole("button", { name: label, exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expectPage(dialog.getByLabel("Reason")).not.toHaveValue("");
  await look?.();
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await expectPage(dialog).toBeHidden();
}

/** Ends a measure on the page of a server that is shown. */
export async function endMeasure(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End", exact: true }).click();
  await expectPage(page.getByRole("button", { name })).toBeHidden();
  await expectPage(page.getByText("Ended by a person").first()).toBeVisible();
}

export type NewChannel = { readonly name: string } & (
  | { readonly recipient: string }
  | { readonly url: string }
);

/** Adds a channel of alerts about what receivers answer; gives the secret that is shown once, or null for mail. */
export async function addChannel(page: Page, channel: NewChannel): Promise<string | null> {
  await page.goto("/settings/alerts");
  await page.getByRole("button", { name: "Add a channel" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(channel.name);
  const isWebhook = "url" in channel;
  await dialog.getByLabel("By", { exact: true }).selectOption(isWebhook ? "webhook" : "mail");
  if (isWebhook) await dialog.getByLabel("Address of the webhook").fill(channel.url);
  else await dialog.getByLabel("Address of mail").fill(channel.recipient);
  await dialog.getByLabel("What", { exact: true }).selectOption("deliverability");
  await dialog.getByRole("button", { name: "Add a channel" }).click();
  const secret = isWebhook ? await copyFrom(page, dialog.getByRole("button", { name: "Copy secret" })) : null;
  if (isWebhook) await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expectPage(dialog).toBeHidden();
  await expectPage(page.getByText(channel.name)).toBeVisible();
  return secret;
}

/** Gives the shown server's settings a standby smarthost, which is used once the server has tried it. */
export async function setStandby(
  page: Page,
  smarthost: { host: string; port: number; username: string; password: string },
): Promise<void> {
  const panel = page.locator("#smarthosts");
  await panel.getByRole("button", { name: "Add smarthost" }).click();
  await panel.getByLabel("Relay host").fill(smarthost.host);
  await panel.getByLabel("Port", { exact: true }).fill(String(smarthost.port));
  await panel.getByLabel("User name").fill(smarthost.username);
  await panel.getByLabel("Password", { exact: true }).fill(smarthost.password);
  await panel.getByRole("button", { name: "Save" }).click();
  await expectPage(panel.getByRole("status").filter({ hasText: /\S/ }).first()).toBeVisible();
}
