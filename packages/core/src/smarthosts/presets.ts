/** What is known of a service that others send through. */
export interface SmarthostPreset {
  readonly title: string;
  readonly host: string;
  readonly port: number;
  /** What a sending domain's SPF record includes so that the service may send for it. */
  readonly spfInclude: string;
}

/** Services that many use as a smarthost; 587 with STARTTLS is what each of them recommends. */
export const smarthostPresets = {
  mailgun: { title: "Mailgun", host: "smtp.mailgun.org", port: 587, spfInclude: "mailgun.org" },
  "mailgun-eu": { title: "Mailgun (EU)", host: "smtp.eu.mailgun.org", port: 587, spfInclude: "mailgun.org" },
  postmark: { title: "Postmark", host: "smtp.postmarkapp.com", port: 587, spfInclude: "spf.mtasv.net" },
  ses: {
    title: "Amazon SES",
    host: "email-smtp.eu-central-1.amazonaws.com",
    port: 587,
    spfInclude: "amazonses.com",
  },
} as const satisfies Record<string, SmarthostPreset>;

export type SmarthostPresetId = keyof typeof smarthostPresets;

/** The preset that a smarthost is one of, by its host; SES has a host for each region. */
export function presetOfHost(host: string): SmarthostPresetId | null {
  const found = (Object.keys(smarthostPresets) as SmarthostPresetId[]).find(
    (id) => smarthostPresets[id].host === host,
  );
  return found ?? (/^email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com$/.test(host) ? "ses" : null);
}
