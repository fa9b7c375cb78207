import { domainToUnicode } from "node:url";
import { dnsWithdrawals, tenants } from "@mailstead/db";
import { asc, eq } from "drizzle-orm";
import { type ServiceContext, withTransaction } from "../context/index.ts";
import { isTold } from "./withdrawal-findings.ts";

/** Records that were to be taken away and still stand, with the reason. */
export interface WithdrawalAlarm {
  withdrawalId: string;
  unicodeName: string;
  tenantName: string;
  sentence: string;
}

const alarmsMax = 50;

/** The withdrawals that do not go well, the oldest first; no more than a page shows. */
export async function listWithdrawalAlarms(ctx: ServiceContext): Promise<WithdrawalAlarm[]> {
  const rows = await withTransaction(ctx, (tx) =>
    tx
      .select({
        withdrawalId: dnsWithdrawals.id,
        domainName: dnsWithdrawals.domainName,
        tenantName: tenants.name,
        state: dnsWithdrawals.state,
        attempts: dnsWithdrawals.attempts,
        problem: dnsWithdrawals.problem,
      })
      .from(dnsWithdrawals)
      .innerJoin(tenants, eq(tenants.id, dnsWithdrawals.tenantId))
      .orderBy(asc(dnsWithdrawals.createdAt)),
  );
  return rows
    .filter(isTold)
    .slice(0, alarmsMax)
    .map(({ withdrawalId, domainName, tenantName, problem }) => ({
      withdrawalId,
      unicodeName: domainToUnicode(domainName),
      tenantName,
      sentence: problem ?? "",
    }));
}
