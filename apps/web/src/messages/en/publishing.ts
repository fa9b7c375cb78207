/** Words of the publishing slice. */
export const publishing = {
  "dns.title": "DNS connections",
  "dns.lead":
    "Through these Mailstead writes records into your zones: only its own, and only after you have seen the difference.",
  "dns.empty":
    "No DNS provider is connected, so records are copied by hand. Connect one and a press is enough.",
  "dns.connect": "Connect a provider",
  "dns.connect.title": "Connect a DNS provider",
  "dns.connect.lead":
    "The credentials are sealed for the worker and never shown again. They are tried at once.",
  "dns.connect.action": "Connect",
  "dns.provider": "Provider",
  "dns.label": "Name of this connection",
  "dns.tenant": "For",
  "dns.every-tenant": "All customers",
  "dns.state.testing": "Being tried",
  "dns.state.working": "Works",
  "dns.state.failing": "Does not work",
  "dns.zones": { one: "{count} zone", other: "{count} zones" },
  "dns.tested": "tried",
  "dns.test": "Try again",
  "dns.test-named": "Try {label} again",
  "dns.remove": "Remove",
  "dns.remove-named": "Remove {label}",
  "dns.remove.title": "Remove {label}?",
  "dns.remove.consequence":
    "Mailstead forgets the credentials. The records that it has written stay where they are, and from now on changes, DKIM rotations among them, are for you to copy by hand.",
  "dns.remove.action": "Remove connection",
  "dns.field.server": "Name server",
  "dns.field.port": "Port",
  "dns.field.key-name": "Name of the TSIG key",
  "dns.field.algorithm": "Algorithm",
  "dns.field.secret": "Secret (base64)",
  "dns.field.zones": "Zones, one a line",
  "dns.field.url": "Address of the API",
  "dns.field.api-key": "API key",
  "dns.field.server-id": "Server id",
  "dns.field.token": "API token",
  "dns.field.access-key-id": "Access key ID",
  "dns.field.secret-access-key": "Secret access key",
  "dns.field.region": "Region",
  "dns.field.application-key": "Application key",
  "dns.field.application-secret": "Application secret",
  "dns.field.consumer-key": "Consumer key",
  "dns.where.rfc2136":
    "The primary server of the zones, reachable over TCP. Make a key with tsig-keygen (BIND) or keymgr -t (Knot) and allow updates of the zones with it.",
  "dns.where.powerdns":
    "The address in webserver-address and webserver-port, and the api-key, both in pdns.conf. Put TLS in front of it.",
  "dns.where.cloudflare":
    "My Profile, API Tokens, Create Token, template “Edit zone DNS”. Limit it to the zones in question.",
  "dns.where.route53":
    "IAM, Users, Security credentials, of a user that may list hosted zones and list and change their record sets.",
  "dns.where.digitalocean": "API, Tokens, Generate New Token, with the scope domain (create, read, delete).",
  "dns.where.hetzner":
    "Hetzner Console, the project with the zones, Security, API tokens, with Read & Write. Tokens of the old DNS Console do not work here.",
  "dns.where.desec": "desec.io, Token Management, a new token. It can be limited to domains.",
  "dns.where.gandi":
    "Account settings, Personal Access Tokens, with “Manage domain name technical configurations”.",
  "dns.where.ovh":
    "api.ovh.com/createToken, with GET, POST and DELETE on /domain/zone/* and GET on /domain/zone and /auth/time.",

  "publish.title": "Publish",
  "publish.lead": "Writes what is missing through your DNS connections. You see every change first.",
  "publish.without":
    "No DNS provider is connected for this domain. Connect one, or copy the records below by hand.",
  "publish.without.action": "Connect a provider",
  "publish.open": "Show what to publish",
  "publish.dialog": "Publish the records of {name}",
  "publish.reading": "Reading the zone…",
  "publish.writing": "Writing, then reading back…",
  "publish.look-again": "Look again",
  "publish.action": { one: "Publish {count} change", other: "Publish {count} changes" },
  "publish.changed-meanwhile":
    "The zone has changed since you looked, so nothing was written. This is what would be written now.",
  "publish.nothing": "Everything that Mailstead would write stands there already.",
  "publish.in-place": { one: "{count} record is in place.", other: "{count} records are in place." },
  "publish.through": "{zone}, through {label}",
  "publish.added": "added",
  "publish.removed": "removed, it was ours",
  "publish.kept": "kept",
  "publish.in-the-way": "In the way",
  "publish.in-the-way.lead":
    "Mailstead did not write these and leaves them alone unless you say so, for each by itself.",
  "publish.replace": "Replace it",
  "publish.replace-named": "Replace {record}",
  "publish.waits": "Waits for it:",
  "publish.by-hand": "To copy by hand",
  "publish.by-hand.lead": "No DNS connection reaches the zone of these names.",
  "publish.done": "Published. The name servers are asked at once, and the records below follow.",
  "publish.temporary": "This may go well when you try it again.",
} as const;
