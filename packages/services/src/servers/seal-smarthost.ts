import type { Smarthost, smarthostSchema } from "@mailstead/core/servers";
import type { Transaction } from "@mailstead/db";
import { z } from "zod";
import { type ServiceContext, ServiceError } from "../context/index.ts";
import { keepRelayPassword, sealedPasswordSchema, sealRelayPassword } from "./relay-passwords.ts";
import type { ServerForChange } from "./server-for-change.ts";
import { typedHostNameSchema } from "./server-name.ts";

const oneLine = z
  .string()
  .max(255)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "this must be one line of text");

/** Postfix reads them from a table, and trims what it reads. */
const oneValue = (what: string) =>
  oneLine
    .min(1)
    .regex(/^(?! ).*(?<! )$/su, `the ${what} begins or ends with a space, which Postfix would cut off`);

const typedShape = z.object({
  host: typedHostNameSchema,
  port: z.int("the port is a number from 1 to 65535").min(1).max(65_535),
  username: oneValue("user name")
    .regex(/^[^:]*$/, "the user name of a relay holds no colon")
    .optional(),
  /** Left out to keep the password of this very relay. */
  password: oneValue("password").optional(),
  /** False takes any certificate of the relay's, and so any host that answers in its name. */
  verifiesCertificate: z.boolean().default(true),
});

/**
 * A smarthost as a person types it. Its user name is shown to whoever may read the server and stands in the audit, so one
 * that is the password too would be no secret.
 */
export const typedSmarthostSchema = typedShape.refine(
  ({ username, password }) => password === undefined || password !== username,
  {
    path: ["username"],
    message:
      "the user name is the password too, and user names are shown and not sealed; make a sign-in whose name is no secret, at Postmark an SMTP token",
  },
);
export type TypedSmarthost = z.output<typeof typedSmarthostSchema>;

/** The same while it waits for its test: its password is sealed, so that nobody has to keep or open what was typed. */
export const waitingSmarthostSchema = typedShape.extend({
  password: sealedPasswordSchema.optional(),
});
export type WantedSmarthost = TypedSmarthost | z.output<typeof waitingSmarthostSchema>;

/** Seals the password of what a person typed, to be kept until it takes effect. Throws as `sealRelayPassword`. */
export async function sealUntilTested(
  tx: Transaction,
  ctx: ServiceContext,
  {
    server,
    purpose,
    smarthost,
  }: { server: ServerForChange; purpose: string; smarthost: WantedSmarthost | null },
) {
  if (smarthost?.password === undefined) return smarthost;
  const { password } = smarthost;
  return { ...smarthost, password: await sealRelayPassword(tx, ctx, { server, purpose, password }) };
}

export interface SealedFor {
  server: ServerForChange;
  /** What the password is kept under: whose mail, or whose receivers. */
  purpose: string;
  wanted: WantedSmarthost;
  before: Smarthost | null;
}

/**
 * Seals what a person typed for the server's agent. Throws `invalid` where the password is left out and another host,
 * name or certificate would get the one that is known.
 */
export async function sealSmarthost(
  tx: Transaction,
  ctx: ServiceContext,
  { server, purpose, wanted, before }: SealedFor,
): Promise<z.input<typeof smarthostSchema>> {
  const { host, port, username, password, verifiesCertificate } = wanted;
  if (username === undefined) return { host, port, verifiesCertificate };
  if (password !== undefined) {
    const box = await keepRelayPassword(tx, ctx, { server, purpose, password });
    return { host, port, username, password: box, verifiesCertificate };
  }
  return { ...requireKnown(wanted, before), verifiesCertificate };
}

/** The smarthost whose password is known, when what is wanted is no other one. Throws `invalid`. */
export function requireKnown(wanted: WantedSmarthost, known: Smarthost | null): Smarthost {
  const { host, port, username, verifiesCertificate } = wanted;
  const field = "password";
  if (known?.password === undefined)
    throw new ServiceError("invalid", `The relay ${host} has a user name but no password.`, { field });
  // Else somebody who does not know the password could send it to a host of their own.
  if (known.host !== host || known.port !== port || known.username !== username)
    throw new ServiceError(
      "invalid",
      `The relay ${host} is another one now, so its password is needed again.`,
      { field },
    );
  // Nor could they have it sent to whoever stands in between.
  if (known.verifiesCertificate && !verifiesCertificate)
    throw new ServiceError(
      "invalid",
      `The certificate of ${host} is no longer to be verified, so its password is needed again.`,
      { field },
    );
  return known;
}

/** A smarthost as the audit may show it. */
export function withoutPassword({ host, port, username, verifiesCertificate }: Smarthost) {
  return { host, port, username, verifiesCertificate };
}
