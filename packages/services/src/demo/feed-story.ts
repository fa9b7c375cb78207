import { dayOf, type FeedDay, type GoogleFigures } from "@mailstead/core/feeds";
import { domains, feedConnections, feedDomains, newId, servers, type Transaction } from "@mailstead/db";
import type { ServiceContext } from "../context/index.ts";
import { withTransaction } from "../context/index.ts";
import { storeFeedDays, uploadYahooFile } from "../feeds/index.ts";
import { type Chance, makeChance } from "./chance.ts";
import { type DemoServer, demoCustomers } from "./fleet.ts";
import { never } from "./never.ts";

const dayMs = 86_400_000;
const toldDays = 24;

/**
 * What Google, Microsoft and Yahoo would have told of the fleet. Nobody's account is behind it, so it is read from nowhere
 * and never again.
 */
export async function tellFeeds(owner: ServiceContext, today: Date): Promise<void> {
  const chance = makeChance(7_265_044);
  await withTransaction(owner, async (tx) => {
    const google = await connect(tx, owner, {
      kind: "google-postmaster",
      label: "Google Postmaster Tools",
      account: "feeds@fjordmail-feeds.iam.gserviceaccount.com",
      since: new Date(today.getTime() - toldDays * dayMs),
      today,
    });
    const snds = await connect(tx, owner, {
      kind: "snds",
      label: "Microsoft SNDS",
      account: "substrate.office.com",
      since: new Date(today.getTime() - 12 * dayMs),
      today,
    });
    const hosted = await tx.select().from(domains);
    const hosts = await tx.select().from(servers);
    for (const demo of demoCustomers.flatMap(({ servers: own }) => own)) {
      await tellGoogle(tx, { owner, today, chance, demo, connectionId: google, hosted });
      const host = hosts.find(({ hostname }) => hostname === demo.hostname);
      if (host !== undefined && host.appliedRevision > 0)
        await tellSnds(tx, { owner, today, chance, demo, connectionId: snds, host });
    }
  });
  await tellYahoo(owner, today);
}

async function connect(
  tx: Transaction,
  owner: ServiceContext,
  feed: { kind: "google-postmaster" | "snds"; label: string; account: string; since: Date; today: Date },
): Promise<string> {
  const { kind, label, account, since, today } = feed;
  const id = newId(since);
  await tx.insert(feedConnections).values({
    id,
    organisationId: owner.organisationId,
    kind,
    label,
    account,
    state: "working",
    lookedAt: today,
    nextLookAt: never,
    ...(kind === "snds" ? { linkedAt: since, confirmedAt: since } : {}),
    createdAt: since,
  });
  return id;
}

interface Telling {
  readonly owner: ServiceContext;
  readonly today: Date;
  readonly chance: Chance;
  readonly demo: DemoServer;
  readonly connectionId: string;
}

async function tellGoogle(
  tx: Transaction,
  {
    owner,
    today,
    chance,
    demo,
    connectionId,
    hosted,
  }: Telling & { hosted: readonly (typeof domains.$inferSelect)[] },
): Promise<void> {
  for (const { name, mailboxes } of demo.domains) {
    const domain = hosted.find((one) => one.name === name);
    // Google tells nothing of a domain that hardly anybody at Gmail hears from.
    if (domain === undefined || mailboxes < 10) continue;
    const isWorse = demo.trouble === "gmail-rate";
    const days = Array.from({ length: toldDays }, (_, place) => {
      const ago = toldDays + 1 - place;
      const spam = (chance.between(1, 4) + (isWorse && ago < 9 ? 5 : 0)) / 10_000;
      return googleDay(name, { day: dayOf(new Date(today.getTime() - ago * dayMs)), spam, isWorse });
    });
    const { organisationId } = owner;
    const { id: domainId, tenantId } = domain;
    await storeFeedDays(tx, {
      organisationId,
      connectionId,
      at: today,
      days: days.map((day) => ({ day, owner: { tenantId, domainId, serverId: null } })),
    });
    await tx.insert(feedDomains).values({
      connectionId,
      domainId,
      organisationId,
      tenantId,
      state: "verified",
      lookedAt: today,
      compliance: [
        "SPF",
        "DKIM",
        "DMARC_ALIGNMENT",
        "DNS_RECORDS",
        "ENCRYPTION",
        "USER_REPORTED_SPAM_RATE",
      ].map((requirement) => ({ requirement, isMet: true, reason: null })),
    });
  }
}

function googleDay(subject: string, told: { day: string; spam: number; isWorse: boolean }): FeedDay {
  const { day, spam, isWorse } = told;
  const errors: GoogleFigures["errors"] = isWorse
    ? [{ type: "temp_fail", reason: "anomalous_traffic_pattern", share: 0.031 }]
    : [];
  return {
    subject,
    day,
    messages: null,
    complaints: { lower: spam, upper: spam },
    figures: {
      kind: "google-postmaster",
      spf: 0.997,
      dkim: 0.999,
      dmarc: 0.998,
      tlsInbound: 1,
      tlsOutbound: 1,
      errors,
      loops: [],
    },
  };
}

async function tellSnds(
  tx: Transaction,
  { owner, today, chance, demo, connectionId, host }: Telling & { host: typeof servers.$inferSelect },
): Promise<void> {
  const [address] = demo.ipAddresses;
  if (address === undefined) return;
  const isRefused = demo.trouble === "outlook-block";
  const days = Array.from({ length: 10 }, (_, place): FeedDay => {
    const messages = chance.between(110, 260);
    const ago = 10 - place;
    return {
      subject: address,
      day: dayOf(new Date(today.getTime() - ago * dayMs)),
      messages,
      complaints: { lower: 0, upper: 0.001 },
      figures: {
        kind: "snds",
        verdict: isRefused && ago < 3 ? "red" : isRefused ? "yellow" : "green",
        trapHits: isRefused && ago < 3 ? 2 : 0,
        rcptCommands: messages + 12,
        dataCommands: messages,
        comments: "",
        others: {},
      },
    };
  });
  const { id: serverId, tenantId } = host;
  await storeFeedDays(tx, {
    organisationId: owner.organisationId,
    connectionId,
    at: today,
    days: days.map((day) => ({ day, owner: { tenantId, domainId: null, serverId } })),
  });
}

/** A file that somebody uploaded a few days ago, for the first domain of the fleet. */
async function tellYahoo(owner: ServiceContext, today: Date): Promise<void> {
  const name = demoCustomers[0]?.servers[0]?.domains[0]?.name;
  const domain = await withTransaction(owner, async (tx) =>
    (await tx.select().from(domains)).find((one) => one.name === name),
  );
  if (domain === undefined) return;
  const rows = Array.from({ length: 18 }, (_, place) => {
    const day = dayOf(new Date(today.getTime() - (21 - place) * dayMs));
    return `${day},${410 + ((place * 37) % 90)},${place % 9 === 0 ? 1 : 0}`;
  });
  await uploadYahooFile(
    { ...owner, now: () => today },
    { domainId: domain.id, text: `Date,Delivered,Complaints\n${rows.join("\n")}\n` },
  );
}
