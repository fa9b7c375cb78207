import { domainNameSchema } from "@mailstead/core/domains";
import { z } from "zod";
import { foldName } from "../servers/index.ts";

/** A domain as people type it, with capitals, in Unicode, with a final dot; folded into A-labels. */
export const typedDomainName = z
  .string()
  .max(500, "a domain name has at most 253 characters")
  .transform((typed) => foldName(typed))
  .pipe(domainNameSchema);
