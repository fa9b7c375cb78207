import { z } from "zod";

/** What a person may do in an organisation or in one tenant, from the most to the least. */
export const roles = ["owner", "admin", "technician", "auditor"] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** True when `role` may do everything that `needed` may. */
export function isRoleAtLeast(role: Role, needed: Role): boolean {
  return roles.indexOf(role) <= roles.indexOf(needed);
}
