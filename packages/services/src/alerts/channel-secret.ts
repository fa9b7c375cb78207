import { z } from "zod";
import type { SecretOpener } from "../secrets/index.ts";

const webhookSchema = z.object({ url: z.url(), secret: z.string() });
/** Where a webhook leads, and what its requests are signed by: whsec_ and base64, as Standard Webhooks write it. */
export type WebhookAddress = z.infer<typeof webhookSchema>;

/** What a channel's box is sealed for, so that a box moved to another row does not open there. */
export function channelPurpose(channelId: string): string {
  return `alert-channel\n${channelId}`;
}

/** The address in a channel's box; null when this worker cannot open it, because its signing key has changed since. */
export function openWebhook(
  opener: SecretOpener,
  { id, box }: { id: string; box: string },
): WebhookAddress | null {
  try {
    return webhookSchema.parse(JSON.parse(opener.open(channelPurpose(id), box)));
  } catch {
    // The cause could quote what is in the box, so it is not told on.
    return null;
  }
}
