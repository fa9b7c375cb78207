import { createTenant, listTenants, removeTenant, renameTenant } from "@mailstead/services/tenants";
import { memberProcedure, mutationOf, router } from "../../server/trpc.ts";

export const tenantsRouter = router({
  list: memberProcedure.query(({ ctx }) => listTenants(ctx.services)),
  create: mutationOf(createTenant),
  rename: mutationOf(renameTenant),
  remove: mutationOf(removeTenant),
});
