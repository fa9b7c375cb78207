export { createTenant } from "./create-tenant.ts";
export { getTenantForChange } from "./get-tenant-for-change.ts";
export { listTenants, type TenantRow } from "./list-tenants.ts";
export { refuseNeighboursName } from "./refuse-neighbours-name.ts";
export { removeTenant } from "./remove-tenant.ts";
export { renameTenant } from "./rename-tenant.ts";
export { tenantNameSchema } from "./tenant-name.ts";
