import { z } from "zod";
import { domainNameProblem, shown } from "../domains/index.ts";
import { isPublicAddress } from "../servers/index.ts";

const sendersMax = 20;
const reportAddressesMax = 5;
const namesWithoutMailMax = 20;
const urlLengthMax = 400;
const smarthostRecordsMax = 12;
/** Room for an RSA key of 4096 bits. */
const recordValueMax = 1000;

/** Names of other people's SPF records have underscores, like _spf.google.com. */
const senderDomain = z.string().superRefine((name, ctx) => {
  const problem = domainNameProblem(name.replace(/(^|\.)_/g, "$1"));
  if (problem !== null)
    ctx.addIssue({ code: "custom", message: `"${shown(name)}" names no sender: ${problem}` });
});

const senderAddress = z.string().superRefine((text, ctx) => {
  const problem = senderAddressProblem(text);
  if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
});

// Wider networks belong to providers with strangers in them, who could then all send in the domain's name.
const prefixLengthMin = { ipv4: 16, ipv6: 32 } as const;

function senderAddressProblem(text: string): string | null {
  const isIpv6 = text.includes(":");
  const [schema, network] = isIpv6 ? [z.ipv6(), z.cidrv6()] : [z.ipv4(), z.cidrv4()];
  if (!schema.safeParse(text).success && !network.safeParse(text).success)
    return `"${shown(text)}" is no IP address, and no network like 192.0.2.0/24`;
  const [address = "", prefix] = text.split("/");
  if (!isPublicAddress(address)) return `"${text}" is a private address, which receivers never see`;
  const least = prefixLengthMin[isIpv6 ? "ipv6" : "ipv4"];
  if (prefix !== undefined && Number(prefix) < least)
    return `the network "${text}" is too wide to trust; name one of /${least} or smaller`;
  return null;
}

const reportAddress = z.string().superRefine((text, ctx) => {
  if (!z.email().safeParse(text).success)
    ctx.addIssue({ code: "custom", message: `"${shown(text)}" is no mail address for reports` });
});

/** Reports on TLS may be handed in over HTTPS as well (RFC 8460 §3). */
const tlsReportAddress = z.string().superRefine((text, ctx) => {
  if (!z.email().safeParse(text).success && httpsProblem(text) !== null)
    ctx.addIssue({
      code: "custom",
      message: `"${shown(text)}" is no mail address and no https address for reports on TLS`,
    });
});

/** Semicolons and commas part the tags and addresses of the records that such an address stands in. */
function httpsProblem(text: string): string | null {
  if (text.length > urlLengthMax) return `has more than ${urlLengthMax} characters`;
  if (!/^https:\/\/[a-z0-9.-]+\.[a-z0-9-]+(:\d{1,5})?(\/[^\s;,"\\]*)?$/i.test(text))
    return "does not begin with https:// and a host name, or has spaces, commas or semicolons in it";
  return null;
}

function httpsAddress(what: string, ending: RegExp) {
  return z.string().superRefine((text, ctx) => {
    const problem = httpsProblem(text);
    if (problem !== null) ctx.addIssue({ code: "custom", message: `the address of the ${what} ${problem}` });
    else if (!ending.test(text.replace(/[?#].*$/, "")))
      ctx.addIssue({
        code: "custom",
        message: `the address of the ${what} must end in .${what === "logo" ? "svg" : "pem"}`,
      });
  });
}

/** One part or more below the domain: "www", "shop.eu". */
const nameBelow = z.string().superRefine((name, ctx) => {
  // Judged as a part of a whole name, since one label alone is none.
  const problem = domainNameProblem(`${name}.example.com`);
  if (problem !== null)
    ctx.addIssue({ code: "custom", message: `"${shown(name)}" is no name below the domain: ${problem}` });
});

/** Names that records of ours stand at, or that say what holds for the whole domain. */
const takenName = /^(_dmarc|_mta-sts|mta-sts|_smtp\._tls|autoconfig|autodiscover|_report\._dmarc)$/;

const smarthostRecord = z
  .object({
    /** Below the domain, without it. */
    name: z.string(),
    type: z.enum(["CNAME", "MX", "TXT"], "a smarthost's record is a CNAME, an MX or a TXT"),
    value: z.string().trim().min(1).max(recordValueMax),
  })
  .superRefine(({ name, type, value }, ctx) => {
    const refuse = (message: string) => ctx.addIssue({ code: "custom", message });
    const problem = domainNameProblem(`${name.replace(/(^|\.)_/g, "$1")}.example.com`);
    if (problem !== null) refuse(`"${shown(name)}" is no name below the domain: ${problem}`);
    if (takenName.test(name)) refuse(`"${shown(name)}" has a record of its own, which is planned already`);
    if (/[^\x20-\x7e]/.test(value))
      refuse(`the value of "${shown(name)}" has characters that DNS does not take`);
    const target = type === "MX" ? /^\d{1,5} (\S+)$/.exec(value)?.[1] : value;
    const isName = target !== undefined && domainNameProblem(target.replace(/(^|\.)_/g, "$1")) === null;
    if (type !== "TXT" && !isName)
      refuse(
        type === "MX"
          ? `the MX of "${shown(name)}" is a number and a host, like "10 feedback.example"`
          : `the CNAME of "${shown(name)}" leads to a name`,
      );
  });

export const dmarcPolicySchema = z.enum(["none", "quarantine", "reject"]);
export const alignmentSchema = z.enum(["relaxed", "strict"]);

/** What a customer wishes for a domain beyond what its servers say of themselves; stored as it is. */
export const mailSettingsSchema = z.object({
  spf: z
    .object({
      /** Domains whose senders may send as well: a newsletter service, an office suite. */
      includes: z
        .array(senderDomain)
        .max(sendersMax, `SPF has room for ${sendersMax} other senders at most`)
        .default([]),
      /** Addresses and networks that may send as well. */
      addresses: z
        .array(senderAddress)
        .max(sendersMax, `SPF has room for ${sendersMax} more addresses at most`)
        .default([]),
      /** Whether names are replaced by the addresses that they lead to. */
      isFlattened: z.boolean().default(false),
    })
    .prefault({}),
  dmarc: z
    .object({
      policy: dmarcPolicySchema.default("quarantine"),
      /** Null takes the policy of the domain. */
      subdomainPolicy: dmarcPolicySchema.nullable().default(null),
      nonexistentPolicy: dmarcPolicySchema.nullable().default(null),
      dkimAlignment: alignmentSchema.default("relaxed"),
      spfAlignment: alignmentSchema.default("relaxed"),
      reportsTo: z
        .array(reportAddress)
        .max(reportAddressesMax, `DMARC reports go to ${reportAddressesMax} addresses at most`)
        .default([]),
      failureReportsTo: z
        .array(reportAddress)
        .max(reportAddressesMax, `failure reports go to ${reportAddressesMax} addresses at most`)
        .default([]),
    })
    .prefault({}),
  /** Which reports come to a host of the domain's, where they are read: those on single messages tell of people. */
  reportsHere: z.enum(["none", "sums", "failures"]).default("sums"),
  tlsReportsTo: z
    .array(tlsReportAddress)
    .max(reportAddressesMax, `reports on TLS go to ${reportAddressesMax} addresses at most`)
    .default([]),
  bimi: z
    .object({
      logoUrl: httpsAddress("logo", /\.svg$/i),
      certificateUrl: httpsAddress("certificate", /\.pem$/i)
        .nullable()
        .default(null),
    })
    .nullable()
    .default(null),
  /** What the service of a smarthost told somebody to publish: DKIM keys or aliases, and where bounces go. */
  smarthostRecords: z
    .array(smarthostRecord)
    .max(smarthostRecordsMax, `a domain has ${smarthostRecordsMax} records of smarthosts at most`)
    .refine(
      (records) =>
        records.every(
          (one) => one.type !== "CNAME" || records.filter(({ name }) => name === one.name).length === 1,
        ),
      "no other record stands beside a CNAME",
    )
    .default([]),
  /** Names below the domain that neither send nor receive, without the domain: "www". */
  namesWithoutMail: z
    .array(nameBelow)
    .max(namesWithoutMailMax, `a domain lists ${namesWithoutMailMax} names without mail at most`)
    .default([]),
});
export type MailSettings = z.infer<typeof mailSettingsSchema>;

/** What holds for a domain whose customer wished for nothing. */
export const defaultMailSettings: MailSettings = mailSettingsSchema.parse({});

/** Why settings that are each right do not go together, in a sentence; null when they do. */
export function mailSettingsProblem({ dmarc, bimi }: MailSettings): string | null {
  return bimi !== null && dmarc.policy === "none"
    ? "A logo is shown only beside mail of domains that quarantine or reject forged mail: raise the DMARC policy, or leave the logo out."
    : null;
}
