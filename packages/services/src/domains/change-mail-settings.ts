import { checkSoon } from "@mailstead/core/domains";
import {
  dmarcStepProblem,
  type MailSettings,
  mailSettingsProblem,
  mailSettingsSchema,
} from "@mailstead/core/mail-settings";
import { domains, servers, type Transaction } from "@mailstead/db";
import { eq, inArray } from "drizzle-orm";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { getDomainForChange } from "../mailboxes/index.ts";
import { foldName } from "../servers/index.ts";
import { joinVerdicts, planDomainRecords, readLastCheck } from "./domain-report.ts";
import { readMailWishes } from "./mail-wishes.ts";
import { proofStandingOf } from "./proof-standing.ts";

const changeMailSettingsInput = z.object({
  domainId: z.uuid(),
  /** The whole of them: what is left out is as if nobody had wished for it. */
  settings: z.preprocess(foldTyped, mailSettingsSchema),
});

/**
 * Replaces what is wished for a domain's mail; its records are planned anew from it and looked for soon. Names may be
 * typed in Unicode, and those below the domain with or without it. Throws `invalid`, and `precondition-failed` for a
 * DMARC policy that receivers would turn against the domain's own mail. Of a domain without mail the settings of its mail are kept for later.
 */
export async function changeMailSettings(
  ctx: ServiceContext,
  input: { domainId: string; settings: z.input<typeof mailSettingsSchema> },
): Promise<void> {
  requireRole(ctx, "technician");
  const { domainId, settings: typed } = parseInput(changeMailSettingsInput, input);
  await withTransaction(ctx, async (tx) => {
    const domain = await getDomainForChange(tx, domainId);
    const { name, organisationId, tenantId } = domain;
    const before = await readMailWishes(tx, domainId);
    const settings = withNamesBelow(name, typed);
    const problem = mailSettingsProblem(settings);
    if (problem !== null) throw new ServiceError("invalid", problem, { field: "settings.bimi.logoUrl" });
    const { records, servers: hosts } = await planDomainRecords(tx, domain);
    if (hosts.length === 0 && !domain.isWithoutMail)
      throw new ServiceError(
        "precondition-failed",
        `${name} is on no server and sends no mail, so its records say just that. Put it on a server first.`,
      );
    await refuseNamesInUse(tx, settings, { domain, records });
    const check = await readLastCheck(tx, domainId);
    const step = dmarcStepProblem(
      {
        domain: name,
        policy: before.settings.dmarc.policy,
        proof: proofStandingOf(joinVerdicts(records, check?.report ?? null)),
        hasReports: settings.reportsHere !== "none" || settings.dmarc.reportsTo.length > 0,
      },
      settings.dmarc.policy,
    );
    if (step !== null)
      throw new ServiceError("precondition-failed", step, { field: "settings.dmarc.policy" });
    if (JSON.stringify(settings) === JSON.stringify(before.settings)) return;
    await tx
      .update(domains)
      .set({ mailSettings: settings, ...checkSoon(ctx.now()) })
      .where(eq(domains.id, domainId));
    await recordAudit(tx, ctx, {
      organisationId,
      tenantId,
      action: "change-mail-settings",
      subject: { kind: "domain", id: domainId, name },
      before: { settings: before.settings },
      after: { settings },
    });
  });
}

/** A name cannot say that it has no mail while something of ours under it has, or leads elsewhere as a whole. */
async function refuseNamesInUse(
  tx: Transaction,
  { namesWithoutMail, smarthostRecords }: MailSettings,
  at: {
    domain: { name: string };
    records: readonly { name: string; type: string; purpose: string }[];
  },
): Promise<void> {
  refuseTakenNames(smarthostRecords, at);
  const names = namesWithoutMail.map((label) => `${label}.${at.domain.name}`);
  const refuse = (sentence: string) => {
    throw new ServiceError("invalid", sentence, { field: "settings.namesWithoutMail" });
  };
  const [host] = await tx
    .select({ hostname: servers.hostname })
    .from(servers)
    .where(inArray(servers.hostname, names));
  if (host !== undefined)
    refuse(`${host.hostname} is the name of a server, which sends mail and takes bounces.`);
  const alias = names.find((name) =>
    at.records.some((record) => record.name === name && record.type === "CNAME"),
  );
  if (alias !== undefined)
    refuse(`${alias} leads to a server by a CNAME record, beside which no other record may stand.`);
  const [other] = await tx.select({ name: domains.name }).from(domains).where(inArray(domains.name, names));
  if (other !== undefined) refuse(`${other.name} is a domain of its own here; see to it on its own page.`);
}

/** A smarthost's record would make ours one of two, or stand beside an alias, which DNS does not take. */
function refuseTakenNames(
  smarthostRecords: MailSettings["smarthostRecords"],
  { domain, records }: Parameters<typeof refuseNamesInUse>[2],
): void {
  for (const { name, type } of smarthostRecords) {
    const full = `${name}.${domain.name}`;
    const taken = records.find(
      (record) =>
        record.purpose !== "smarthost" &&
        record.name === full &&
        [type, "CNAME"].some((one) => one === record.type || type === "CNAME"),
    );
    if (taken !== undefined)
      throw new ServiceError(
        "invalid",
        `${full} has a record of its own here, a ${taken.type}, and the ${type} of a smarthost cannot stand beside it.`,
        { field: "settings.smarthostRecords" },
      );
  }
}

/** Names as people type them become names as DNS has them; everything else is judged as it is. */
function foldTyped(typed: unknown): unknown {
  const parsed = z
    .looseObject({
      spf: z.looseObject({ includes: z.array(z.string()).optional() }).optional(),
      namesWithoutMail: z.array(z.string()).optional(),
      smarthostRecords: z.array(z.looseObject({ name: z.string(), value: z.string() })).optional(),
    })
    .safeParse(typed);
  if (!parsed.success) return typed;
  const { spf, namesWithoutMail, smarthostRecords } = parsed.data;
  return {
    ...parsed.data,
    ...(spf?.includes === undefined
      ? {}
      : { spf: { ...spf, includes: distinct(spf.includes.map(foldName)) } }),
    ...(namesWithoutMail === undefined ? {} : { namesWithoutMail: distinct(namesWithoutMail.map(foldName)) }),
    ...(smarthostRecords === undefined
      ? {}
      : { smarthostRecords: smarthostRecords.map((one) => ({ ...one, name: foldName(one.name) })) }),
  };
}

/** "www.example.com" and "www" are the same name below example.com; another domain's name is none. */
function withNamesBelow(domain: string, settings: MailSettings): MailSettings {
  const below = (name: string) => (name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : name);
  const names = settings.namesWithoutMail.map(below);
  if (names.includes(domain))
    throw new ServiceError("invalid", `${domain} is the domain itself; name only names below it.`, {
      field: "settings.namesWithoutMail",
    });
  const smarthostRecords = settings.smarthostRecords.map((one) => ({ ...one, name: below(one.name) }));
  return { ...settings, smarthostRecords, namesWithoutMail: distinct(names) };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
