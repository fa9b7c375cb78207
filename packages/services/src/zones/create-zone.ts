import { zoneNameLengthMax } from "@mailstead/core/zones";
import { newId, type Transaction, type ZoneRole, zoneServers, zones } from "@mailstead/db";
import { z } from "zod";
import { recordAudit } from "../audit/index.ts";
import {
  asConflict,
  parseInput,
  requireRole,
  type ServiceContext,
  ServiceError,
  withTransaction,
} from "../context/index.ts";
import { typedDomainName } from "../domains/index.ts";
import {
  getServerForChange,
  makeTransferSecret,
  type ServerForChange,
  typedHostNameSchema,
} from "../servers/index.ts";
import { refuseNeighboursName } from "../tenants/index.ts";
import { renewZone } from "./renew-zone.ts";
import { reachable } from "./write-zone.ts";
import { readServedAddresses } from "./zone-rows.ts";

const createZoneInput = z.object({
  tenantId: z.uuid(),
  name: typedDomainName.refine((name) => name.length <= zoneNameLengthMax, {
    error: `a zone that is hosted here has a name of at most ${zoneNameLengthMax} characters`,
  }),
  primaryServerId: z.uuid(),
  secondaryServerId: z.uuid(),
  /** Under which names the zone knows its servers; left out, under their host names. */
  nameServers: z
    .object({ primary: typedHostNameSchema, secondary: typedHostNameSchema })
    .refine(({ primary, secondary }) => primary !== secondary, {
      error: "the two name servers need two names",
      path: ["secondary"],
    })
    .optional(),
});

/**
 * Has two servers of a customer answer for a zone: the primary signs it and hands it to the secondary. The records that
 * the customer's domains need stand in it from the start. Throws `conflict` when the zone is hosted already, `invalid`
 * for one server twice or another customer's, `precondition-failed` for servers that are not installed.
 */
export async function createZone(
  ctx: ServiceContext,
  input: z.input<typeof createZoneInput>,
): Promise<{ zoneId: string; name: string; jobIds: string[] }> {
  requireRole(ctx, "technician");
  const { tenantId, name, primaryServerId, secondaryServerId, nameServers } = parseInput(
    createZoneInput,
    input,
  );
  if (primaryServerId === secondaryServerId)
    throw new ServiceError(
      "invalid",
      "A zone needs two servers, so that one answers while the other is down.",
      {
        field: "secondaryServerId",
      },
    );
  const now = ctx.now();
  const zoneId = newId(now);
  try {
    return await withTransaction(ctx, async (tx) => {
      const locked = new Map<string, ServerForChange>();
      for (const id of [primaryServerId, secondaryServerId].sort())
        locked.set(id, await getServerForChange(tx, id));
      const hosts = [
        hostOf(locked.get(primaryServerId), { role: "primary", nameServer: nameServers?.primary }),
        hostOf(locked.get(secondaryServerId), { role: "secondary", nameServer: nameServers?.secondary }),
      ];
      for (const host of hosts) requireReady(host.server, { tenantId, role: host.role });
      await requireWay(tx, hosts);
      await refuseNeighboursName(tx, ctx, { name, field: "name", isZone: true });
      const [zone] = await tx
        .insert(zones)
        .values({ id: zoneId, organisationId: ctx.organisationId, tenantId, name, createdAt: now })
        .returning();
      if (zone === undefined) throw new Error("the zone was not inserted");
      const sealed = await makeTransferSecret(tx, ctx, {
        ...zone,
        keepers: hosts.map(({ server }) => server),
      });
      await tx.insert(zoneServers).values(
        hosts.map(({ server, role, nameServer }) => ({
          zoneId,
          serverId: server.id,
          organisationId: ctx.organisationId,
          tenantId,
          role,
          nameServer,
          sealedFor: sealed.get(server.id)?.sealedFor ?? "",
          createdAt: now,
        })),
      );
      const secrets = new Map([...sealed].map(([id, { secret }]) => [id, secret]));
      const { jobIds } = await renewZone(tx, ctx, { zone, summary: `Zone ${name} hosted`, secrets });
      await recordAudit(tx, ctx, {
        organisationId: ctx.organisationId,
        tenantId,
        action: "create-zone",
        subject: { kind: "zone", id: zoneId, name },
        after: {
          name,
          servers: hosts.map(({ server, role, nameServer }) => ({ role, server: server.name, nameServer })),
        },
      });
      return { zoneId, name, jobIds };
    });
  } catch (error) {
    throw asConflict(error, {
      index: "zones_name",
      sentence: `${name} is hosted here already.`,
      field: "name",
    });
  }
}

interface NewHost {
  server: ServerForChange;
  role: ZoneRole;
  nameServer: string;
}

function hostOf(
  server: ServerForChange | undefined,
  { role, nameServer }: { role: ZoneRole; nameServer: string | undefined },
): NewHost {
  if (server === undefined) throw new ServiceError("not-found", "There is no such server.");
  return { server, role, nameServer: nameServer ?? server.hostname };
}

function requireReady(
  server: ServerForChange,
  { tenantId, role }: { tenantId: string; role: ZoneRole },
): void {
  if (server.tenantId !== tenantId)
    throw new ServiceError("invalid", `${server.name} belongs to another customer.`, {
      field: `${role}ServerId`,
    });
  if (server.installRequestedAt === null)
    throw new ServiceError("precondition-failed", `${server.name} is not installed yet; install it first.`, {
      field: `${role}ServerId`,
    });
}

async function requireWay(tx: Transaction, hosts: readonly NewHost[]): Promise<void> {
  const [first, second] = await Promise.all(
    hosts.map(async ({ server }) => {
      const addresses = await readServedAddresses(tx, server.id);
      if (addresses.length === 0)
        throw new ServiceError(
          "precondition-failed",
          `${server.name} has no public address that the world could ask; its agent tells its addresses once it is connected.`,
        );
      return { serverName: server.name, addresses };
    }),
  );
  if (first !== undefined && second !== undefined) reachable(first, second);
}
