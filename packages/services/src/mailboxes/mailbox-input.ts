import { hostedAddressProblem, localPartProblem } from "@mailstead/core/mailboxes";
import { z } from "zod";
import { ServiceError } from "../context/index.ts";

const quotaBytesMax = 1024 ** 5;

/** The part before the @ as people type it, folded to lower case. */
export const localPartInput = z
  .string()
  .max(300, "the part before the @ has at most 64 characters")
  .transform((typed) => typed.trim().toLowerCase())
  .superRefine((localPart, ctx) => {
    const problem = localPartProblem(localPart);
    if (problem !== null) ctx.addIssue({ code: "custom", message: problem });
  });

export const quotaBytesInput = z
  .int("a quota is a whole number of bytes")
  .nonnegative("a quota is not negative")
  .max(quotaBytesMax, "a quota is at most 1 PB; 0 means no limit");

/** The whole address; throws `invalid` when both parts are good but too long together. */
export function addressOf(localPart: string, domainName: string): string {
  const address = `${localPart}@${domainName}`;
  const problem = hostedAddressProblem(address);
  if (problem !== null)
    throw new ServiceError("invalid", `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`, {
      field: "localPart",
    });
  return address;
}
