import { z } from "zod";
import { remoteAddressSchema } from "../mailboxes/index.ts";

/** The address a person signs in with, folded to lower case and without surrounding spaces. */
export const signInEmailSchema = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "an address has at most 254 characters")
  .pipe(remoteAddressSchema);
