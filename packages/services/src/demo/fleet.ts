import type { HelperRole } from "@mailstead/core/domains";
import type { Suite } from "@mailstead/core/servers";

/** What a server of the demo is there to show. */
export type DemoState =
  | "healthy"
  | "drift"
  | "service-down"
  | "dkim-key-gone"
  | "offline"
  | "job-failed"
  | "installing"
  | "awaiting-agent";

/** Refused by Outlook since this morning, slowed by Gmail for some days, long forgiven, or new and growing. */
export type DemoTrouble = "outlook-block" | "gmail-rate" | "outlook-recovered" | "warming";

export interface DemoServer {
  name: string;
  hostname: string;
  suite: Suite;
  state: DemoState;
  ipAddresses: readonly string[];
  domains: readonly DemoDomain[];
  /** What receivers held against it in these ninety days; the ways to tell it are in receiver-moods.ts. */
  history?: "outlook-recovered" | "warming";
  /** What a receiver holds against it today. */
  trouble?: "outlook-block" | "gmail-rate" | "yahoo-defers";
  /** A receiver that nobody there writes to, so that a trouble of the fleet says nothing of this server. */
  writesNobodyAt?: "yahoo";
}

export interface DemoDomain {
  name: string;
  mailboxes: number;
  /** What the world answers: all is right, the provider forgot a record, or nobody has published anything. */
  dns: "right" | "no-dmarc" | "foreign-mx" | "nothing";
  /** Whether its DKIM keys have been rotated once, are right now, or have been and the old ones come to their end. */
  rotation?: "finished" | "ending" | "under-way";
  /** Every Tuesday it writes to more people than a provider takes from a small sender. */
  sendsNewsletter?: boolean;
  /** Its DKIM names are aliases of ours since its first day. */
  isDelegated?: boolean;
  /** Servers beside the one that holds its mailboxes, by their names. */
  helpers?: readonly { server: string; role: HelperRole; isLeaving?: boolean }[];
}

/** A zone that two servers of the customer answer for. */
export interface DemoZone {
  name: string;
  /** Names of servers. */
  primary: string;
  secondary: string;
  records: readonly { name: string; type: string; value: string }[];
  /** Its DS record stands, and a new key is on its way into the place of the one that it leads to. */
  isRolling?: boolean;
}

export interface DemoCustomer {
  name: string;
  servers: readonly DemoServer[];
  domainsWithoutMail?: readonly string[];
  zones?: readonly DemoZone[];
}

export const demoOrganisation = "Fjordmail Managed Services";

/** Three customers with twelve servers. Names and addresses are those that RFC 2606 and RFC 5737 keep for examples. */
export const demoCustomers: readonly DemoCustomer[] = [
  {
    name: "Alpine Bakery Group",
    servers: [
      {
        name: "alpine-mx1",
        hostname: "mx1.alpine-bakery.example",
        suite: "trixie",
        state: "healthy",
        trouble: "yahoo-defers",
        ipAddresses: ["203.0.113.11", "2001:db8:a1::11"],
        domains: [
          {
            name: "alpine-bakery.example",
            mailboxes: 46,
            dns: "right",
            helpers: [
              { server: "alpine-zurich", role: "backup-mx" },
              { server: "alpine-shop", role: "outbound" },
            ],
          },
          { name: "brotzeit.example", mailboxes: 12, dns: "right", rotation: "finished" },
          { name: "bäckerei-alpen.example", mailboxes: 5, dns: "no-dmarc" },
        ],
      },
      {
        name: "alpine-shop",
        hostname: "mail.shop.alpine-bakery.example",
        suite: "trixie",
        state: "healthy",
        history: "warming",
        trouble: "yahoo-defers",
        ipAddresses: ["203.0.113.12"],
        domains: [{ name: "shop.alpine-bakery.example", mailboxes: 9, dns: "right", sendsNewsletter: true }],
      },
      {
        name: "alpine-vienna",
        hostname: "mail.vienna.alpine-bakery.example",
        suite: "bookworm",
        state: "drift",
        trouble: "outlook-block",
        ipAddresses: ["203.0.113.13"],
        domains: [{ name: "vienna.alpine-bakery.example", mailboxes: 18, dns: "right" }],
      },
      {
        name: "alpine-zurich",
        hostname: "mail.zurich.alpine-bakery.example",
        suite: "bookworm",
        state: "healthy",
        trouble: "yahoo-defers",
        ipAddresses: ["203.0.113.14", "2001:db8:a1::14"],
        domains: [{ name: "zurich.alpine-bakery.example", mailboxes: 21, dns: "foreign-mx" }],
      },
      {
        name: "alpine-graz",
        hostname: "mail.graz.alpine-bakery.example",
        suite: "trixie",
        state: "awaiting-agent",
        ipAddresses: [],
        domains: [],
      },
    ],
  },
  {
    name: "Nordlicht Architekten",
    servers: [
      {
        name: "nordlicht-mail",
        hostname: "mail.nordlicht.example",
        suite: "trixie",
        state: "healthy",
        history: "outlook-recovered",
        trouble: "yahoo-defers",
        ipAddresses: ["198.51.100.21", "2001:db8:b2::21"],
        domains: [
          { name: "nordlicht.example", mailboxes: 34, dns: "right", rotation: "under-way" },
          {
            name: "nordlicht-projekte.example",
            mailboxes: 7,
            dns: "right",
            rotation: "ending",
            isDelegated: true,
          },
        ],
      },
      {
        name: "nordlicht-archive",
        hostname: "archive.nordlicht.example",
        suite: "bookworm",
        state: "service-down",
        trouble: "yahoo-defers",
        ipAddresses: ["198.51.100.22"],
        domains: [{ name: "archiv.nordlicht.example", mailboxes: 6, dns: "right" }],
      },
      {
        name: "nordlicht-hamburg",
        hostname: "mail.hamburg.nordlicht.example",
        suite: "trixie",
        state: "job-failed",
        trouble: "yahoo-defers",
        ipAddresses: ["198.51.100.23"],
        domains: [{ name: "hamburg.nordlicht.example", mailboxes: 14, dns: "no-dmarc" }],
      },
      {
        name: "nordlicht-oslo",
        hostname: "mail.oslo.nordlicht.example",
        suite: "trixie",
        state: "installing",
        ipAddresses: ["198.51.100.24"],
        domains: [{ name: "oslo.nordlicht.example", mailboxes: 3, dns: "nothing" }],
      },
    ],
  },
  {
    name: "Harbour Legal LLP",
    servers: [
      {
        name: "harbour-mx1",
        hostname: "mx1.harbour-legal.example",
        suite: "trixie",
        state: "dkim-key-gone",
        trouble: "yahoo-defers",
        ipAddresses: ["203.0.113.41", "2001:db8:c3::41"],
        domains: [
          { name: "harbour-legal.example", mailboxes: 58, dns: "right" },
          {
            name: "harbour-notary.example",
            mailboxes: 11,
            dns: "right",
            helpers: [{ server: "harbour-mx2", role: "mx", isLeaving: true }],
          },
        ],
      },
      {
        name: "harbour-mx2",
        hostname: "mx2.harbour-legal.example",
        suite: "bookworm",
        state: "healthy",
        trouble: "gmail-rate",
        writesNobodyAt: "yahoo",
        ipAddresses: ["203.0.113.42"],
        domains: [{ name: "clients.harbour-legal.example", mailboxes: 26, dns: "right" }],
      },
      {
        name: "harbour-cork",
        hostname: "mail.cork.harbour-legal.example",
        suite: "bookworm",
        state: "offline",
        ipAddresses: ["203.0.113.43"],
        domains: [{ name: "cork.harbour-legal.example", mailboxes: 8, dns: "right" }],
      },
    ],
    domainsWithoutMail: ["harbour-law.example"],
    zones: [
      {
        name: "harbour-legal.example",
        primary: "harbour-mx1",
        secondary: "harbour-mx2",
        records: [
          { name: "@", type: "A", value: "192.0.2.80" },
          { name: "www", type: "CNAME", value: "harbour-legal.example" },
          { name: "@", type: "TXT", value: "site-verification=4e1f09c2" },
          { name: "intranet", type: "AAAA", value: "2001:db8:c3::80" },
        ],
      },
      {
        name: "harbour-maritime.example",
        primary: "harbour-mx2",
        secondary: "harbour-mx1",
        records: [
          { name: "@", type: "A", value: "192.0.2.81" },
          { name: "www", type: "CNAME", value: "harbour-maritime.example" },
        ],
        isRolling: true,
      },
    ],
  },
];

export const firstNames =
  "anna ben clara david elena felix greta hannes ida jakob karin leo mara nils olga paul quentin rosa simon tilda ulrich vera willem xenia yara zoe".split(
    " ",
  );
export const lastNames =
  "albrecht berg costa dahl ekman fischer gruber holm iversen jansen keller lund moser nyberg olsen pichler quist reiter steiner thorsen urban vogel winkler zeller".split(
    " ",
  );
export const sharedAddresses = ["info", "office", "billing", "hello", "jobs", "press"];
