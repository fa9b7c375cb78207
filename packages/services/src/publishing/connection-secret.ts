import { type ProviderSettings, providerSettingsSchema } from "@mailstead/core/publishing";
import { DnsProviderError } from "../dns/index.ts";
import type { SecretOpener } from "../secrets/index.ts";

/** What a connection's box is sealed for, so that a box moved to another row does not open there. */
export function connectionPurpose(connectionId: string): string {
  return `dns-connection\n${connectionId}`;
}

/** The settings in a connection's box. Throws DnsProviderError when this worker cannot open it. */
export function openSettings(opener: SecretOpener, row: { id: string; box: string }): ProviderSettings {
  const settings = readSettings(opener, row);
  if (settings !== null) return settings;
  throw new DnsProviderError(
    "bad-credentials",
    "The credentials of this connection cannot be opened, because the signing key has changed since; enter them again.",
  );
}

function readSettings(
  opener: SecretOpener,
  { id, box }: { id: string; box: string },
): ProviderSettings | null {
  try {
    return providerSettingsSchema.parse(JSON.parse(opener.open(connectionPurpose(id), box)));
  } catch {
    // The cause could quote what is in the box, so it is not told on.
    return null;
  }
}
