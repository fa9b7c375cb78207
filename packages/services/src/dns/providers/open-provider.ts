import type { ProviderKind, ProviderSettings } from "@mailstead/core/publishing";
import { openCloudflare } from "./cloudflare.ts";
import { openDesec } from "./desec.ts";
import { openDigitalOcean } from "./digitalocean.ts";
import { openGandi } from "./gandi.ts";
import { openHetzner } from "./hetzner.ts";
import { openOvh } from "./ovh.ts";
import { openPowerDns } from "./powerdns.ts";
import type { DnsProvider } from "./provider.ts";
import { openRfc2136 } from "./rfc2136.ts";
import { openRoute53 } from "./route53.ts";

export interface ProviderOptions {
  now(): Date;
  /** Other addresses than the providers' own; only in tests. */
  baseUrls?: Partial<Record<ProviderKind, string>>;
}

/** Opens the account that the settings lead to; nothing is sent before the first call. */
export function openProvider(
  settings: ProviderSettings,
  { now, baseUrls = {} }: ProviderOptions,
): DnsProvider {
  const known = baseUrls[settings.provider];
  const at = known === undefined ? {} : { baseUrl: known };
  switch (settings.provider) {
    case "rfc2136": {
      const { server: host, port, keyName: name, algorithm, zones } = settings;
      const secret = Buffer.from(settings.secret, "base64");
      return openRfc2136({ host, port, key: { name, algorithm, secret }, zones, now });
    }
    case "powerdns":
      return openPowerDns(settings);
    case "cloudflare":
      return openCloudflare({ ...settings, ...at });
    case "route53":
      return openRoute53({ ...settings, ...at, now });
    case "digitalocean":
      return openDigitalOcean({ ...settings, ...at });
    case "hetzner":
      return openHetzner({ ...settings, ...at });
    case "desec":
      return openDesec({ ...settings, ...at });
    case "gandi":
      return openGandi({ ...settings, ...at });
    case "ovh":
      return openOvh({ ...settings, ...at, now });
  }
}
