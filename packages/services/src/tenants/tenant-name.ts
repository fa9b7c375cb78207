import { z } from "zod";

/** A customer's name as people read it: one line, spaces at the ends dropped. */
export const tenantNameSchema = z
  .string()
  .trim()
  .min(1, "a customer needs a name")
  .max(200, "a customer's name has at most 200 characters")
  .regex(/^[^\p{Cc}]*$/u, "a customer's name is one line of text");
