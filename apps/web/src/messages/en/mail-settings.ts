/** What is wished for a domain's mail, and domains that have none. */
export const mailSettings = {
  "add-domain.without-mail": "None: this domain neither sends nor receives mail",
  "add-domain.without-mail-hint": "Its records will say so, and forgers cannot use it.",
  "add-domain.customer": "Customer",
  "domain.without-mail": "neither sends nor receives mail",
  "domain.tab.settings": "Mail settings",
  "mail-settings.list-hint": "One per line.",
  "mail-settings.spf": "Senders (SPF)",
  "mail-settings.spf-lead":
    "The servers of this domain send its mail. Name others that do as well, like a newsletter service.",
  "mail-settings.includes": "Services that send",
  "mail-settings.includes-hint":
    "The name that each of them tells you to include, like _spf.google.com. One per line.",
  "mail-settings.addresses": "Addresses that send",
  "mail-settings.addresses-hint": "Like 192.0.2.7 or 192.0.2.0/24. One per line.",
  "mail-settings.flatten": "Replace names by addresses (flatten)",
  "mail-settings.flatten-hint":
    "Only if the record needs more than 10 look-ups. Addresses of others change; each check brings the record up to date, and it must be published again.",
  "mail-settings.spf-now": "Planned now",
  "mail-settings.dmarc": "Forged mail (DMARC)",
  "mail-settings.dmarc-lead": "What receivers do with mail that claims to be from this domain and is not.",
  "mail-settings.policy": "Policy",
  "mail-settings.policy.none": "None: deliver, and report",
  "mail-settings.policy.quarantine": "Quarantine: put it into the junk folder",
  "mail-settings.policy.reject": "Reject: refuse it",
  "mail-settings.subdomains": "Names below the domain",
  "mail-settings.nonexistent": "Names that do not exist",
  "mail-settings.as-domain": "As the domain",
  "mail-settings.as-subdomains": "As names below the domain",
  "mail-settings.reports-here": "Reports to Mailstead",
  "mail-settings.reports-here-hint":
    "They come to an address of the server and are read there. The Deliverability tab shows what they say.",
  "mail-settings.reports-here.sums": "Daily summaries",
  "mail-settings.reports-here.failures": "Daily summaries and reports on single messages",
  "mail-settings.reports-here.none": "None",
  "mail-settings.reports": "Reports to others",
  "mail-settings.reports-hint": "Mail addresses for the daily summaries of receivers. One per line.",
  "mail-settings.failures": "Reports on single messages to",
  "mail-settings.failures-hint": "Few receivers send these, and they hold parts of mail. One per line.",
  "mail-settings.strict-dkim": "DKIM must be of exactly this domain",
  "mail-settings.strict-spf": "The envelope sender must be of exactly this domain",
  "mail-settings.strict-hint": "Off, names below the domain prove it as well.",
  "mail-settings.more": "More",
  "mail-settings.smarthost-records": "Records of your sending service",
  "mail-settings.smarthost-records-lead":
    "What Mailgun, Postmark, Amazon SES or another smarthost tells you to publish. They are planned, published and checked with all others of this domain; the SPF include of these three is planned by itself.",
  "mail-settings.smarthost-records-label": "Records",
  "mail-settings.smarthost-records-hint":
    "One a line: name, type, value. The name may be with or without the domain.",
  "mail-settings.smarthost-records.mailgun":
    "Mailgun: the DKIM key, like “s1._domainkey TXT k=rsa; p=…”. The domain it shows for bounces is the sending domain itself.",
  "mail-settings.smarthost-records.postmark":
    "Postmark: the DKIM key, like “20260101pm._domainkey TXT k=rsa; p=…”, and the return path, “pm-bounces CNAME pm.mtasv.net”.",
  "mail-settings.smarthost-records.ses":
    "Amazon SES: three DKIM aliases, each “TOKEN._domainkey CNAME TOKEN.dkim.amazonses.com”; with a MAIL FROM domain also “bounce MX 10 feedback-smtp.REGION.amazonses.com” and “bounce TXT v=spf1 include:amazonses.com -all”.",
  "mail-settings.others": "Names without mail, TLS reports, logo",
  "mail-settings.names": "Names without mail",
  "mail-settings.names-hint":
    "Names below this domain that have an address and neither send nor receive, like www. One per line.",
  "mail-settings.tls-reports": "Reports on TLS to",
  "mail-settings.tls-reports-hint": "Mail addresses or https addresses. One per line.",
  "mail-settings.logo": "Logo (BIMI)",
  "mail-settings.logo-hint": "https address of an SVG file (Tiny PS). Leave it empty for none.",
  "mail-settings.logo-certificate": "Certificate of the logo",
  "mail-settings.logo-certificate-hint":
    "https address of a .pem file. Gmail and Apple show no logo without one.",
} as const;
