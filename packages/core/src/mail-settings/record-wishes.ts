import type { RecordPlanInput } from "../dns/index.ts";
import type { MailSettings } from "./mail-settings.ts";

/** The settings of a domain as the planner of its records takes them. */
export function recordWishes(
  domain: string,
  { spf, dmarc, tlsReportsTo, bimi, namesWithoutMail, smarthostRecords }: MailSettings,
): Pick<
  RecordPlanInput,
  "spf" | "dmarc" | "tlsReportsTo" | "bimi" | "namesWithoutMail" | "smarthostRecords"
> {
  const { subdomainPolicy, nonexistentPolicy, ...others } = dmarc;
  return {
    spf: { includes: spf.includes, addresses: spf.addresses },
    dmarc: {
      ...others,
      ...(subdomainPolicy === null ? {} : { subdomainPolicy }),
      ...(nonexistentPolicy === null ? {} : { nonexistentPolicy }),
    },
    tlsReportsTo,
    smarthostRecords,
    namesWithoutMail: namesWithoutMail.map((name) => `${name}.${domain}`),
    ...(bimi === null
      ? {}
      : {
          bimi: {
            logoUrl: bimi.logoUrl,
            ...(bimi.certificateUrl === null ? {} : { certificateUrl: bimi.certificateUrl }),
          },
        }),
  };
}
