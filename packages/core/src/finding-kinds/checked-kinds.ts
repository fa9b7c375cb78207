import type { AccountFindingKind } from "../accounts/index.ts";
import type { SeenBlockListKind } from "../block-lists/index.ts";
import type {
  BimiFindingKind,
  CaaFindingKind,
  DmarcFindingKind,
  HostFindingKind,
  MailHostFindingKind,
  MtaStsFindingKind,
  RegistrationFindingKind,
  SpfFindingKind,
  WebNameFindingKind,
} from "../checks/index.ts";
import type { ZoneFindingKind } from "../dns/index.ts";
import type { FindingOwner } from "../findings/index.ts";
import type { ReportFindingKind } from "../reports/index.ts";
import type { HostConditionCode } from "../servers/index.ts";

/** Every kind of finding that a look at a zone, a domain or a server, a report, or a host itself can bring. */
export type CheckedKind =
  | AccountFindingKind
  | BimiFindingKind
  | CaaFindingKind
  | DmarcFindingKind
  | HostConditionCode
  | HostFindingKind
  | MailHostFindingKind
  | MtaStsFindingKind
  | RegistrationFindingKind
  | ReportFindingKind
  | SeenBlockListKind
  | SpfFindingKind
  | WebNameFindingKind
  | ZoneFindingKind
  | "caa-missing"
  | "catch-all-loop"
  | "dkim-left-over"
  | "dmarc-unaligned"
  | "mx-duplicate"
  | "not-delegated";

const ours = "us-configuration";
const customer = "customer";
const provider = "server-provider";

/** Who has to act. What stands in a customer's DNS or at its registrar is the customer's, and what an address is like its provider's. */
export const checkedKinds = {
  "account-held": "us-behaviour",
  "account-suspicious": "us-behaviour",
  "backup-old": ours,
  "backup-unknown": ours,
  "bimi-certificate": customer,
  "bimi-logo": customer,
  "bimi-logo-differs": customer,
  "block-list-seen-address": "us-behaviour",
  "block-list-seen-domain": "us-behaviour",
  "block-list-silent": ours,
  "block-listed": "us-behaviour",
  "caa-contact": customer,
  "caa-missing": customer,
  "caa-unknown": customer,
  "catch-all-loop": ours,
  "certificate-expiring": ours,
  "certificate-key": ours,
  "certificate-name": ours,
  "certificate-signature": ours,
  "certificate-untrusted": ours,
  "clock-unsynchronised": ours,
  "clock-wrong": ours,
  "delegation-differs": customer,
  "disk-full": ours,
  "dkim-key-gone": ours,
  "dkim-left-over": customer,
  "dmarc-at-apex": customer,
  "dmarc-old-tags": customer,
  "dmarc-receiver-mail": customer,
  "dmarc-report-address": customer,
  "dmarc-unaligned": customer,
  "dns-blocked": provider,
  "dnssec-bogus": customer,
  "dnssec-old-algorithm": customer,
  "domain-block-listed": "us-behaviour",
  "domain-expiring": customer,
  "domain-on-hold": customer,
  "domain-unlocked": customer,
  "ds-mismatch": customer,
  "ds-missing": customer,
  "glue-differs": customer,
  "glue-missing": customer,
  "helo-differs": ours,
  "host-address-missing": ours,
  "ipv6-missing": ours,
  lame: customer,
  "memory-low": ours,
  "mta-sts-certificate": ours,
  "mta-sts-id": customer,
  "mta-sts-mx": ours,
  "mta-sts-order": ours,
  "mta-sts-policy": ours,
  "mta-sts-served-wrong": ours,
  "mta-sts-short": ours,
  "mta-sts-unreachable": ours,
  "mx-duplicate": customer,
  "mx-host-alias": customer,
  "mx-host-certificate": customer,
  "mx-host-closed": customer,
  "mx-host-ipv6": customer,
  "mx-host-reverse": customer,
  "mx-host-tls": customer,
  "mx-host-unfound": customer,
  "name-server-alias": customer,
  "no-address": customer,
  "no-ipv6": customer,
  "no-tcp": customer,
  "not-delegated": customer,
  "one-name-server": customer,
  "one-network": customer,
  "open-relay": ours,
  "port-25-blocked": provider,
  "port-blocked": provider,
  "port-closed": ours,
  "port-not-ours": ours,
  "port-silent": ours,
  "prefer-ipv4": ours,
  "ptr-differs": provider,
  "ptr-generic": provider,
  "ptr-missing": provider,
  "ptr-unconfirmed": ours,
  "queue-long": "us-behaviour",
  "queue-old": "us-behaviour",
  "queue-receiver": "us-behaviour",
  "queue-stuck": ours,
  reboot: ours,
  "reported-own-failure": ours,
  "reported-service": customer,
  "reported-stranger": customer,
  "reported-tls": ours,
  "role-address-refused": ours,
  "rpki-invalid": provider,
  "rpki-unsigned": provider,
  "serials-differ": customer,
  "service-down": ours,
  "signatures-expiring": customer,
  silent: customer,
  "soa-times": customer,
  "spf-after-all": customer,
  "spf-at-dmarc": customer,
  "spf-duplicate": customer,
  "spf-include-twice": customer,
  "spf-large": customer,
  "spf-loop": customer,
  "spf-ptr": customer,
  "spf-type": customer,
  "ssh-password": ours,
  "tls-12-missing": ours,
  "tls-13-missing": ours,
  "tls-compression": ours,
  "tls-early-data": ours,
  "tls-master-secret": ours,
  "tls-missing": ours,
  "tls-old": ours,
  "tls-renegotiation": ours,
  "tls-weak-cipher": ours,
  "tls-weak-exchange": ours,
  "tlsa-mismatch": customer,
  "updates-pending": ours,
  "updates-unknown": ours,
  "web-closed": ours,
  "web-imprint": ours,
  "web-name-closed": ours,
  wildcard: customer,
} as const satisfies Readonly<Record<CheckedKind, FindingOwner>>;
