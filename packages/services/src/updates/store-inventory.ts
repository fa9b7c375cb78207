import {
  compareVersions,
  type Inventory,
  inventorySchema,
  judgeReboot,
  readInventoryInPart,
} from "@mailstead/core/updates";
import { serverInventories, serverPackages, serverUpdates, type Transaction } from "@mailstead/db";
import { eq, getTableColumns, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { StreamOwner, StreamReader } from "../telemetry/index.ts";

/** Keeps what software a host has and what waits for it: of many rows, those that are other than before. */
export const inventoryStream: StreamReader<Inventory> = {
  schema: inventorySchema,
  readInPart: readInventoryInPart,
  store,
};

async function store(
  tx: Transaction,
  { owner, batch, now }: { owner: StreamOwner; batch: Inventory; now: Date },
): Promise<void> {
  const { packages, updates, cves, at, ...told } = batch;
  await storeDifference(tx, serverPackages, { serverId: owner.serverId, rows: packageRows(owner, packages) });
  if (updates !== null)
    await storeDifference(tx, serverUpdates, { serverId: owner.serverId, rows: updateRows(owner, updates) });
  const row = {
    runningKernel: told.runningKernel,
    newestKernel: told.newestKernel,
    isRebootRequired: told.isRebootRequired,
    rebootPackages: told.rebootPackages,
    outdatedUnits: told.outdatedUnits,
    isRestartDue: judgeReboot(told).length > 0,
    agentVersion: told.agentVersion,
    untoldPackages: told.untoldPackages,
    changelogs: cves.kind,
    changelogsSentence: cves.kind === "read" ? null : cves.sentence,
    areUpdatesKnown: updates !== null,
    // A clock that is ahead must not make this look new for years.
    toldAt: new Date(Math.min(at, now.getTime())),
  };
  await tx
    .insert(serverInventories)
    .values({ ...owner, ...row })
    .onConflictDoUpdate({ target: serverInventories.serverId, set: row });
}

const keyOf = ({ name, architecture }: { name: string; architecture: string }) => `${name} ${architecture}`;

/** A package that is told twice counts as it was told last: the database refuses a statement that writes a row twice. */
function lastOfEach<Row extends { name: string; architecture: string }>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function packageRows(owner: StreamOwner, packages: Inventory["packages"]) {
  const rows = lastOfEach(packages);
  const leads = new Map<string, (typeof rows)[number]>();
  for (const one of rows) {
    const lead = leads.get(one.sourceName);
    if (lead === undefined || isMoreNewly(one, lead)) leads.set(one.sourceName, one);
  }
  return rows.map((one) => ({
    ...ownerColumns(owner),
    ...columnsOf(one),
    is_lead: leads.get(one.sourceName) === one,
  }));
}

type Told = Inventory["packages"][number];

/** Of a source that is there in several versions, as kernels are, the newest counts; else always the same package. */
function isMoreNewly(one: Told, other: Told): boolean {
  const order = compareVersions(one.sourceVersion, other.sourceVersion);
  return order === 0 ? keyOf(one) < keyOf(other) : order > 0;
}

function updateRows(owner: StreamOwner, updates: NonNullable<Inventory["updates"]>) {
  const leads = new Set<string>();
  return lastOfEach(updates)
    .sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    .map(({ from, to, isSecurity, ...one }) => {
      const source = `${one.sourceName} ${to}`;
      const isLead = !leads.has(source);
      leads.add(source);
      return {
        ...ownerColumns(owner),
        ...columnsOf(one),
        from_version: from,
        to_version: to,
        is_security: isSecurity,
        is_lead: isLead,
      };
    });
}

function ownerColumns({ serverId, organisationId, tenantId }: StreamOwner) {
  return { server_id: serverId, organisation_id: organisationId, tenant_id: tenantId };
}

function columnsOf<Row extends { sourceName: string; sourceVersion?: string }>({
  sourceName,
  sourceVersion,
  ...row
}: Row) {
  return {
    ...row,
    source_name: sourceName,
    ...(sourceVersion === undefined ? {} : { source_version: sourceVersion }),
  };
}

/**
 * Makes a server's rows of a table those that are given. Rows that stay as they are, nearly all of them, are not touched:
 * neither they nor the indexes grow by a host that tells the same again.
 */
async function storeDifference(
  tx: Transaction,
  table: typeof serverPackages | typeof serverUpdates,
  { serverId, rows }: { serverId: string; rows: readonly Record<string, unknown>[] },
): Promise<void> {
  const told = sql`jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb)`;
  await tx.delete(table).where(
    sql`${eq(table.serverId, serverId)} and not exists (select from ${told} as told
      where told.name = ${table.name} and told.architecture = ${table.architecture})`,
  );
  if (rows.length === 0) return;
  const names = columnNames(table);
  const changed = sql.join(
    names
      .filter((name) => !isKey.has(name))
      .map((name) => sql`${sql.identifier(name)} = excluded.${sql.identifier(name)}`),
    sql`, `,
  );
  const list = (of: string) =>
    sql.join(
      names.map((name) => sql`${sql.identifier(of)}.${sql.identifier(name)}`),
      sql`, `,
    );
  await tx.execute(sql`
    insert into ${table} (${sql.join(
      names.map((name) => sql.identifier(name)),
      sql`, `,
    )})
    select ${list("told")} from ${told} as told
    left join ${table} as known on known.server_id = ${serverId}
      and known.name = told.name and known.architecture = told.architecture
    where known.server_id is null or (${list("told")}) is distinct from (${list("known")})
    on conflict (server_id, name, architecture) do update set ${changed}`);
}

const isKey: ReadonlySet<string> = new Set(["server_id", "name", "architecture"]);

function columnNames(table: PgTable): readonly string[] {
  return Object.values(getTableColumns(table)).map(({ name }) => name);
}
