import type { ProviderKind } from "@mailstead/core/publishing";
import type { MessageKey } from "../../messages/translate.ts";

export interface ProviderField {
  /** As the settings of the provider call it. */
  name: string;
  label: Extract<MessageKey, `dns.field.${string}`>;
  isSecret?: boolean;
  /** Chosen from these instead of typed. */
  choices?: readonly string[];
  /** Filled in to begin with. */
  initial?: string;
  /** Several, one a line. */
  isList?: boolean;
}

const token: ProviderField = { name: "token", label: "dns.field.token", isSecret: true };

/** Exactly what each kind of provider is asked for, in the order in which its own pages show it. */
export const providerFields: Record<ProviderKind, readonly ProviderField[]> = {
  rfc2136: [
    { name: "server", label: "dns.field.server" },
    { name: "port", label: "dns.field.port", initial: "53" },
    { name: "keyName", label: "dns.field.key-name" },
    { name: "algorithm", label: "dns.field.algorithm", choices: ["hmac-sha256", "hmac-sha512"] },
    { name: "secret", label: "dns.field.secret", isSecret: true },
    { name: "zones", label: "dns.field.zones", isList: true },
  ],
  powerdns: [
    { name: "url", label: "dns.field.url" },
    { name: "apiKey", label: "dns.field.api-key", isSecret: true },
    { name: "serverId", label: "dns.field.server-id", initial: "localhost" },
  ],
  cloudflare: [token],
  route53: [
    { name: "accessKeyId", label: "dns.field.access-key-id" },
    { name: "secretAccessKey", label: "dns.field.secret-access-key", isSecret: true },
  ],
  digitalocean: [token],
  hetzner: [token],
  desec: [token],
  gandi: [token],
  ovh: [
    { name: "region", label: "dns.field.region", choices: ["eu", "ca", "us"] },
    { name: "applicationKey", label: "dns.field.application-key" },
    { name: "applicationSecret", label: "dns.field.application-secret", isSecret: true },
    { name: "consumerKey", label: "dns.field.consumer-key", isSecret: true },
  ],
};

/** The settings as the form holds them; what they must be is for the use case to say. */
export function settingsFromForm(provider: ProviderKind, form: FormData): Record<string, unknown> {
  const entries = providerFields[provider].map(({ name, isList }) => {
    const text = String(form.get(name) ?? "").trim();
    return [name, isList ? text.split(/[\s,]+/).filter((item) => item !== "") : text];
  });
  return { provider, ...Object.fromEntries(entries) };
}
