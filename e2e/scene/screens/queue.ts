import type { QueuedMessage } from "@mailstead/core/mail-queue";
import type { Page } from "@playwright/test";
import { expect } from "vitest";
import type { ControlPlane } from "../../control-plane/start.ts";
import { query } from "../database.ts";
import { expectPage } from "../expect-page.ts";
import { startQueueingAgent } from "../queueing-agent.ts";
import { copyFrom, openPart, openServer } from "./servers.ts";

const count = 230;

/** Messages of two domains, the first the oldest. */
function makeQueue(): QueuedMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    queueId: `4gQueue${String(index).padStart(4, "0")}`,
    queue: "deferred",
    arrivedAt: Date.now() - (count - index) * 60_000,
    sizeBytes: 2048,
    sender: `news@${index % 10 === 0 ? "rare.example" : "often.example"}`,
    recipients: [{ address: `reader${index}@mail.example`, reason: "452 4.2.2 mailbox full" }],
    recipientCount: 1,
    provider: null,
    category: "mailbox-full",
  }));
}

/**
 * Gives a server that waits for its agent one with a long queue, and deals with that queue as a person does: page by page, by
 * domain, on the server's page and over all servers.
 */
export async function dealWithQueue(page: Page, controlPlane: ControlPlane, server: string): Promise<void> {
  await openServer(page, server);
  await page.getByRole("button", { name: "Get a new command" }).click();
  const command = await copyFrom(page, page.getByRole("button", { name: "Copy the install command" }));
  const [token = ""] = /\S+$/.exec(command.trim()) ?? [];
  const host = await startQueueingAgent({ controlUrl: controlPlane.url, token, messages: makeQueue() });
  try {
    await query(controlPlane, "update servers set install_requested_at = now() where name = $1", [server]);
    await openServer(page, server);
    await openPart(page, "Queue");
    await turnPages(page);
    await page.getByLabel("Domain", { exact: true }).selectOption("rare.example");
    await expectPage(page.getByRole("status").filter({ hasText: "23 of 230" })).toBeVisible();
    await actOnAll(page, { action: "Hold", count: 23 });
    expect(host.queue.filter(({ queue }) => queue === "hold")).toHaveLength(23);

    await page.goto("/queue");
    await page.getByRole("button", { name: /^Read \d+ servers?$/ }).click();
    const bar = page.locator("#messages");
    await bar.getByLabel("Queue", { exact: true }).selectOption("hold");
    await expectPage(page.getByRole("status").filter({ hasText: "23 of 230" })).toBeVisible();
    await bar.getByRole("checkbox", { name: /4gQueue0000/ }).click();
    await bar.getByRole("button", { name: "Release" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
    await expectPage(page.getByRole("status").filter({ hasText: "22 of 230" })).toBeVisible();
    await bar.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("22");
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await expectPage(bar.getByText("Nothing like that waits")).toBeVisible();
    expect(host.queue).toHaveLength(count - 22);
  } finally {
    host.close();
  }
}

export type QueueAction = "Hold" | "Release" | "Try now" | "Delete";

/** Does this with all that waits for a receiver on a server that the page has opened, and waits until the server has done it. */
export async function actOnWaiting(
  page: Page,
  { provider, action, count }: { provider: string; action: QueueAction; count: number },
): Promise<void> {
  await openPart(page, "Queue");
  await page.getByLabel("Receiver", { exact: true }).selectOption(provider);
  await actOnAll(page, { action, count });
}

async function turnPages(page: Page): Promise<void> {
  const shown = (text: string) => expectPage(page.getByText(text)).toBeVisible();
  await shown("1 to 100 of 230, the oldest first");
  await expectPage(page.getByRole("button", { name: "Older" })).toBeDisabled();
  await page.getByRole("button", { name: "Newer" }).click();
  await shown("101 to 200 of 230, the oldest first");
  await page.getByRole("button", { name: "Newer" }).click();
  await shown("201 to 230 of 230, the oldest first");
  await expectPage(page.getByRole("button", { name: "Newer" })).toBeDisabled();
  await page.getByRole("button", { name: "Older" }).click();
  await shown("101 to 200 of 230, the oldest first");
}

async function actOnAll(
  page: Page,
  { action, count }: { action: QueueAction; count: number },
): Promise<void> {
  const messages = `${count} ${count === 1 ? "message" : "messages"}`;
  await page.getByRole("button", { name: action, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: messages });
  if (action === "Delete") await dialog.getByRole("textbox").fill(String(count));
  await dialog.getByRole("button", { name: action }).click();
  await expectPage(page.getByText(`Done with ${messages}.`, { exact: true })).toBeVisible();
}
