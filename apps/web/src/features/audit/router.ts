import { listAudit } from "@mailstead/services/audit";
import { queryOf, router } from "../../server/trpc.ts";

export const auditRouter = router({ list: queryOf(listAudit) });
