import { type RecordPlanInput, spfToFlatten } from "@mailstead/core/dns";
import { defaultMailSettings, type MailSettings, mailSettingsSchema } from "@mailstead/core/mail-settings";
import { domains, type FlattenedSpfRow, type Transaction } from "@mailstead/db";
import { eq } from "drizzle-orm";

export interface MailWishes {
  isWithoutMail: boolean;
  settings: MailSettings;
  flattenedSpf: FlattenedSpfRow | null;
}

/** What is wished for a domain's mail, with the defaults for what nobody said. */
export async function readMailWishes(tx: Transaction, domainId: string): Promise<MailWishes> {
  const [row] = await tx
    .select({
      isWithoutMail: domains.isWithoutMail,
      mailSettings: domains.mailSettings,
      flattenedSpf: domains.flattenedSpf,
    })
    .from(domains)
    .where(eq(domains.id, domainId));
  return {
    isWithoutMail: row?.isWithoutMail ?? false,
    settings: row?.mailSettings == null ? defaultMailSettings : mailSettingsSchema.parse(row.mailSettings),
    flattenedSpf: row?.flattenedSpf ?? null,
  };
}

/** The plan's SPF as it was last flattened, for those who want that; `toFlatten` is the record that it is made of. */
export function withFlattenedSpf(
  input: RecordPlanInput,
  { settings, flattenedSpf }: MailWishes,
): { input: RecordPlanInput; toFlatten: string | null } {
  if (!settings.spf.isFlattened) return { input, toFlatten: null };
  const toFlatten = spfToFlatten(input);
  const known = flattenedSpf?.of === toFlatten ? flattenedSpf : null;
  const notes = [
    ...(toFlatten === null
      ? ["It is flattened once the addresses of all its servers are known."]
      : known === null
        ? ["It is flattened with the next check."]
        : []),
    ...(known?.record == null ? [] : [`Flattened on ${known.at.slice(0, 10)}, and anew with every check.`]),
    ...(known?.caution == null ? [] : [known.caution]),
    ...(known?.problem == null ? [] : [known.problem]),
  ];
  return {
    input: {
      ...input,
      spf: {
        ...input.spf,
        ...(known?.record == null ? {} : { flattened: known.record }),
        ...(notes.length === 0 ? {} : { flatteningNote: notes.join(" ") }),
      },
    },
    toFlatten,
  };
}
