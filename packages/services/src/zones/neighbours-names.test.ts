import { organisations } from "@mailstead/db";
import { makeDomain, makeTenant } from "@mailstead/db/factories";
import { expect, test } from "vitest";
import type { ServiceContext } from "../context/index.ts";
import { addDomain, addDomainWithoutMail, renameServer } from "../domains/index.ts";
import { addServer } from "../servers/index.ts";
import { createZone } from "./index.ts";
import { primary, secondary, t, useZoneWorld } from "./zone-world.testing.ts";

useZoneWorld();

test("who acts for one customer takes no name in another's domain, nor where delegated DKIM names lie", async () => {
  const { tenantId, organisationId } = t;
  const { id: neighbour } = await makeTenant(t.database.admin, { organisationId });
  await makeDomain(t.database.admin, { organisationId, tenantId: neighbour, name: "theirs.example" });
  await makeDomain(t.database.admin, { organisationId, tenantId, name: "ours.theirs.example" });
  await t.database.admin.query.update(organisations).set({ dkimZone: "keys.msp.example" });
  const ctx = { ...t.owner, tenantId };
  const takes = (name: string, who: ServiceContext = ctx) => [
    () => addDomain(who, { tenantId, serverId: primary, name }),
    () => addDomainWithoutMail(who, { tenantId, name: `quiet.${name}` }),
    () => addServer(who, { tenantId, name: `s-${name.split(".")[0]}`, hostname: `mx.${name}` }),
    () => renameServer(who, { serverId: primary, hostname: `mail.${name}` }),
    () =>
      createZone(who, {
        tenantId,
        name: `zone.${name}`,
        primaryServerId: primary,
        secondaryServerId: secondary,
      }),
  ];
  for (const name of ["a.theirs.example", "b.keys.msp.example"])
    for (const take of takes(name)) await expect(take()).rejects.toMatchObject({ kind: "forbidden" });
  const servers = { primaryServerId: primary, secondaryServerId: secondary };
  await expect(createZone(ctx, { tenantId, name: "msp.example", ...servers })).rejects.toMatchObject({
    kind: "forbidden",
  });
  for (const take of takes("c.ours.theirs.example")) await take();
  for (const take of takes("d.theirs.example", t.owner)) await take();
});
