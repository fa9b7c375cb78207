import { z } from "zod";

/**
 * What Rspamd's rule writes of one message, as a line of JSON (mail-flow/rspamd/verdicts-lua.ts). It stays on the host;
 * of people it holds the account that signed in, and else domains only.
 */
export interface ToldVerdict {
  /** In seconds since 1970. */
  readonly at: number;
  /** Under which Postfix keeps it; absent in lines of rules before it was told. */
  readonly queueId?: string | undefined;
  /** Who signed in to send it. Never leaves the host with a verdict. */
  readonly account?: string | undefined;
  readonly sender: "authenticated" | "local" | "outside";
  /** Domain of this server in whose name it is written; absent for mail of others. */
  readonly ours?: string | undefined;
  /** Domain of From, else of the envelope sender. */
  readonly from?: string | undefined;
  /** Name of the client that handed it in, where it is known. */
  readonly client?: string | undefined;
  /** Domains of the recipients. */
  readonly to: readonly { readonly domain: string; readonly isOurs: boolean }[];
  /** As Rspamd calls it. */
  readonly action: string;
  readonly score: number;
  /** The symbols that say most, with their scores. */
  readonly symbols: Readonly<Record<string, number>>;
  /** The domain that signed, or that of the envelope sender, is of the organisation of From. */
  readonly isAligned: boolean;
  /** It says of itself that it goes to many. */
  readonly isBulk: boolean;
  /** RFC 8058: one click ends it, and a DKIM signature holds over the headers that say so. */
  readonly hasOneClick: boolean;
}

const domain = z
  .string()
  .min(1)
  .max(253)
  .transform((text) => text.toLowerCase());
// What is told of one message more than is counted must not keep it from being counted.
const word = (lengthMax: number) => z.string().min(1).max(lengthMax).optional().catch(undefined);
// Rspamd's JSON has no empty object: a table without entries is an empty list.
const orNothing = <T extends z.ZodType>(schema: T) => z.union([schema, z.tuple([]).transform(() => ({}))]);

const toldVerdictSchema = z.object({
  at: z.number().positive().max(8.64e12),
  queueId: word(40),
  account: word(320),
  sender: z.enum(["authenticated", "local", "outside"]),
  ours: domain.optional(),
  from: domain.optional(),
  client: domain.optional(),
  to: z.array(z.object({ domain, isOurs: z.boolean() })).max(200),
  action: z.string().max(50),
  score: z.number(),
  symbols: orNothing(z.record(z.string().max(100), z.number())),
  isAligned: z.boolean(),
  isBulk: z.boolean(),
  hasOneClick: z.boolean(),
}) satisfies z.ZodType<ToldVerdict>;

/** Reads a line that Rspamd's rule wrote. Null for what is none, such as a line that a full disk has cut off. */
export function parseVerdictLine(line: string): ToldVerdict | null {
  try {
    const told = toldVerdictSchema.safeParse(JSON.parse(line));
    return told.success ? told.data : null;
  } catch {
    return null;
  }
}
