/** What a host serves over HTTPS, and what it promises senders about TLS. */
export const webService = {
  "server-settings.web": "Web service",
  "server-settings.web-note":
    "Over HTTPS the host answers mail programs that look for their settings, senders that look for an MTA-STS policy, and the CA that issues its certificates.",
  "server-settings.web-on": "Serve documents on ports 80 and 443",
  "server-settings.web-on-hint": "nginx needs about 12 MB of memory.",
  "server-settings.web-open":
    "This server serves nothing yet. The next change of any of its settings switches the web service on, unless you switch it off here.",
  "server-settings.imprint": "Imprint",
  "server-settings.imprint-hint":
    "Shown on the page at the host’s own name. Some receivers, like T-Online, want to find there who runs the server.",
  "domain.mta-sts": "MTA-STS",
  "domain.mta-sts.lead":
    "Tells senders that mail to this domain is handed over with TLS and a valid certificate only. Begin with testing: senders then report what they would hold back.",
  "domain.mta-sts.mode.none": "None: senders demand nothing",
  "domain.mta-sts.mode.testing": "Testing: senders report failures and deliver",
  "domain.mta-sts.mode.enforce": "Enforce: senders hold mail back rather than deliver it unprotected",
  "domain.mta-sts.policy": "Policy",
  "domain.mta-sts.policy-at": "Served at {url}",
  "domain.mta-sts.the-policy": "the policy",
} as const;
