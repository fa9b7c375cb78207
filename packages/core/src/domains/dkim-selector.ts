import { z } from "zod";

/** RFC 6376 §3.1 selector, time-coded and never reused, like `ms202611a`. */
export const dkimSelectorSchema = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
