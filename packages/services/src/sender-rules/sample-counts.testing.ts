import type { DeliveryCount } from "@mailstead/core/delivery";
import type { VerdictCount } from "@mailstead/core/verdicts";

const minute = Date.parse("2026-11-19T11:58:00Z");

/** What a.example sent to Gmail in one minute, which makes it a bulk sender. */
export const sent: DeliveryCount = {
  minute,
  direction: "outbound",
  domain: "a.example",
  sendingAddress: "192.0.2.1",
  provider: "gmail",
  status: "sent",
  category: null,
  attempts: 6000,
  firstAttempts: 6000,
  overTls: 6000,
  sizeBytes: 900,
  latencies: {},
};

/** What Rspamd saw of the same messages: hardly any can be unsubscribed from with one click. */
export const seen: VerdictCount = {
  minute,
  direction: "outbound",
  domain: "a.example",
  provider: "gmail",
  action: "accepted",
  messages: 6000,
  facts: { signed: 6000, aligned: 6000, bulk: 500, "one-click": 20 },
  scores: {},
  symbols: {},
};
