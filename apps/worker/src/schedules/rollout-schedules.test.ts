import { defaultRolloutSettings } from "@mailstead/core/rollouts";
import { newId, rollouts } from "@mailstead/db";
import { makeOrganisation } from "@mailstead/db/factories";
import { openTestDatabase, type TestDatabase } from "@mailstead/db/testing";
import { openBus, rolloutsChannel } from "@mailstead/services/bus";
import pino from "pino";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createSystemContext } from "../worker-context.ts";
import { rolloutSchedules } from "./rollout-schedules.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test("pages that follow rollouts are woken once what the worker did is committed, in their organisation alone", async () => {
  const { admin, app, system, systemUrl } = database;
  const [own, other] = [await makeOrganisation(admin), await makeOrganisation(admin)];
  const rolloutId = newId();
  // Without members it is over at the first look.
  await admin.query.insert(rollouts).values({
    id: rolloutId,
    organisationId: own.id,
    kind: "packages",
    title: "OpenSSL",
    state: "running",
    settings: defaultRolloutSettings,
    choice: { kind: "all" },
    startedBy: "Ann",
    startedAt: new Date(),
    catchUpUntil: new Date(Date.now() + 86_400_000),
    lookAt: new Date(0),
  });
  const bus = await openBus({ databaseUrl: systemUrl });
  const states: Promise<unknown>[] = [];
  const foreign: string[] = [];
  await bus.subscribe(rolloutsChannel(own.id), () =>
    states.push(admin.pool.query("select state from rollouts").then(({ rows }) => rows)),
  );
  await bus.subscribe(rolloutsChannel(other.id), (payload) => foreign.push(payload));
  const [schedule] = rolloutSchedules(
    { bus, log: pino({ level: "silent" }), system: createSystemContext(system) },
    {
      app,
      installation: {
        publicUrl: "https://control.example",
        gatewayUrl: "wss://control.example/agent/link",
        signingPublicKey: "",
        masterKey: Buffer.alloc(32),
        dnsResolver: "127.0.0.1",
        sendsMail: false,
      },
    },
  );
  await schedule?.run();
  await vi.waitFor(() => expect(states).toHaveLength(1));
  expect(await states[0]).toEqual([{ state: "finished" }]);
  await schedule?.run();
  await bus.publish(rolloutsChannel(other.id), "after");
  await vi.waitFor(() => expect(foreign).toEqual(["after"]));
  expect(states).toHaveLength(1);
  await bus.close();
});
