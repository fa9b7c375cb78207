import { createHmac } from "node:crypto";

export interface WebhookMessage {
  /** The same at every attempt, so that an endpoint knows what it has had. */
  id: string;
  /** Seconds since 1970, of this attempt: an old request that is sent again by others is told by it. */
  timestamp: number;
  body: string;
}

/** The headers of Standard Webhooks 1.0: HMAC-SHA-256 over id, timestamp and body, by the secret behind `whsec_`. */
export function signWebhook({ id, timestamp, body }: WebhookMessage, secret: string): Record<string, string> {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": `v1,${signature}`,
  };
}
