/** A service that sends for many. */
export interface KnownService {
  readonly title: string;
  /** Domains that only this service signs with or takes bounces under; a signature or SPF of one that passes proves it. */
  readonly proves: readonly string[];
  /** What a domain that uses it has in its SPF record. */
  readonly includes: readonly string[];
  /** Endings of the host names under which it takes mail to send on. */
  readonly smarthosts: readonly string[];
  /** A domain as it stands in reports of its mail. */
  readonly sample: string;
}

/** Only what the services themselves document; one more is one more entry. */
export const knownServices = {
  "google-workspace": {
    title: "Google Workspace",
    proves: ["gappssmtp.com"],
    includes: ["_spf.google.com"],
    smarthosts: ["smtp-relay.gmail.com", "smtp.gmail.com"],
    sample: "customer-example.20230601.gappssmtp.com",
  },
  "microsoft-365": {
    title: "Microsoft 365",
    proves: ["onmicrosoft.com"],
    includes: ["spf.protection.outlook.com"],
    smarthosts: ["mail.protection.outlook.com", "smtp.office365.com"],
    sample: "customer.onmicrosoft.com",
  },
  "amazon-ses": {
    title: "Amazon SES",
    proves: ["amazonses.com"],
    includes: ["amazonses.com"],
    smarthosts: ["amazonaws.com"],
    sample: "eu-central-1.amazonses.com",
  },
  mailgun: {
    title: "Mailgun",
    proves: ["mailgun.org"],
    includes: ["mailgun.org"],
    smarthosts: ["mailgun.org"],
    sample: "mailgun.org",
  },
  postmark: {
    title: "Postmark",
    proves: ["mtasv.net"],
    includes: ["spf.mtasv.net"],
    smarthosts: ["postmarkapp.com"],
    sample: "pm.mtasv.net",
  },
  sendgrid: {
    title: "Twilio SendGrid",
    proves: ["sendgrid.net"],
    includes: ["sendgrid.net"],
    smarthosts: ["sendgrid.net"],
    sample: "u1234.wl.sendgrid.net",
  },
  sparkpost: {
    title: "SparkPost",
    proves: ["sparkpostmail.com"],
    includes: ["sparkpostmail.com"],
    smarthosts: ["sparkpostmail.com"],
    sample: "sparkpostmail.com",
  },
  mailchimp: {
    title: "Mailchimp",
    proves: ["mcsv.net", "mcdlv.net", "rsgsv.net", "mandrillapp.com"],
    includes: ["servers.mcsv.net", "spf.mandrillapp.com"],
    smarthosts: ["mandrillapp.com"],
    sample: "mail12.atl11.rsgsv.net",
  },
  mailjet: {
    title: "Mailjet",
    proves: ["mailjet.com"],
    includes: ["spf.mailjet.com"],
    smarthosts: ["mailjet.com"],
    sample: "bnc3.mailjet.com",
  },
  brevo: {
    title: "Brevo",
    proves: ["sender-sib.com"],
    includes: ["spf.brevo.com", "spf.sendinblue.com"],
    smarthosts: ["smtp-relay.brevo.com", "smtp-relay.sendinblue.com"],
    sample: "ab.d.sender-sib.com",
  },
  hubspot: {
    title: "HubSpot",
    proves: ["hubspotemail.net"],
    includes: ["hubspotemail.net"],
    smarthosts: [],
    sample: "bf01.hubspotemail.net",
  },
  zendesk: {
    title: "Zendesk",
    proves: ["zendesk.com"],
    includes: ["mail.zendesk.com"],
    smarthosts: [],
    sample: "zendesk.com",
  },
  "constant-contact": {
    title: "Constant Contact",
    proves: ["ccsend.com", "constantcontact.com"],
    includes: ["spf.constantcontact.com"],
    smarthosts: [],
    sample: "in.constantcontact.com",
  },
  shopify: {
    title: "Shopify",
    proves: ["shopifyemail.com"],
    includes: ["shops.shopify.com"],
    smarthosts: [],
    sample: "shopifyemail.com",
  },
  fastmail: {
    title: "Fastmail",
    proves: ["messagingengine.com"],
    includes: ["spf.messagingengine.com"],
    smarthosts: ["smtp.fastmail.com"],
    sample: "messagingengine.com",
  },
} as const satisfies Record<string, KnownService>;

export type KnownServiceId = keyof typeof knownServices;

const entries = Object.entries(knownServices) as [KnownServiceId, KnownService][];
const isIn = (name: string, ending: string) => name === ending || name.endsWith(`.${ending}`);

/** The service that a domain which passed SPF or DKIM proves; null where it proves none that is known. */
export function serviceOfDomain(domain: string): KnownServiceId | null {
  const name = domain.toLowerCase();
  return entries.find(([, { proves }]) => proves.some((ending) => isIn(name, ending)))?.[0] ?? null;
}

/** The service behind a smarthost; null where it is none that is known. */
export function serviceOfSmarthost(host: string): KnownServiceId | null {
  const name = host.toLowerCase();
  return entries.find(([, { smarthosts }]) => smarthosts.some((ending) => isIn(name, ending)))?.[0] ?? null;
}
