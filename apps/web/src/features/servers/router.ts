import { domainToUnicode } from "node:url";
import type { Smarthost } from "@mailstead/core/servers";
import { checkServer, getServerCheck } from "@mailstead/services/checks";
import { renameServer } from "@mailstead/services/domains";
import {
  addServer,
  answerSmarthostChange,
  changeDriftPolicy,
  changeOverrides,
  changeStackSettings,
  changeWebSettings,
  checkMail,
  convergeServer,
  findServerIds,
  getDrift,
  getServer,
  getTargetState,
  installServer,
  listServers,
  listSmarthostChanges,
  orderMany,
  previewConverge,
  previewInstall,
  previewOrders,
  refreshFacts,
  removeServer,
  renewEnrolment,
  restartService,
  setRelays,
  setSmarthosts,
  setTlsExceptions,
  testSmarthost,
  unbanAddress,
} from "@mailstead/services/servers";
import { z } from "zod";
import { readReleaseStanding } from "../../server/release-files.ts";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

const serverInput = z.object({ serverId: z.string() });

export const serversRouter = router({
  list: queryOf(listServers),
  /** All that match, for what is done with all at once. */
  ids: queryOf(findServerIds),
  /** A mutation, because no address holds the ids of many servers. */
  previewOrders: mutationOf(previewOrders),
  orderMany: mutationOf(orderMany),
  get: memberProcedure.input(serverInput).query(async ({ ctx, input }) => {
    const server = await getServer(ctx.services, input);
    const drift = server.hasDrift ? await getDrift(ctx.services, input) : null;
    const domains = server.domains.map((domain) => ({
      ...domain,
      unicodeName: domainToUnicode(domain.name),
    }));
    return { ...server, domains, driftCount: drift?.entries.length ?? 0 };
  }),
  drift: memberProcedure.input(serverInput).query(async ({ ctx, input }) => {
    const { state } = await getTargetState(ctx.services, input);
    const drift = await getDrift(ctx.services, input);
    return {
      entries: drift?.entries ?? [],
      reportedAt: drift?.reportedAt ?? null,
      driftPolicy: state.driftPolicy,
    };
  }),
  preview: queryOf(previewInstall),
  /** What the outside world saw of it last. */
  outside: queryOf(getServerCheck),
  checkOutside: memberProcedure
    .input(serverInput)
    .mutation(({ ctx, input }) => checkServer(ctx.services, input)),
  /** What the settings page edits; a relay's sealed password is only told to be there. */
  settings: memberProcedure.input(serverInput).query(async ({ ctx, input }) => {
    const { state, isWebChosen } = await getTargetState(ctx.services, input);
    const relays = state.relays.map(({ sendersOf, smarthost }) => ({
      sendersOf,
      smarthost: withoutSecret(smarthost),
    }));
    const smarthosts = state.destinationRelays.map(({ smarthost, ...relay }) => ({
      ...relay,
      smarthost: withoutSecret(smarthost),
    }));
    const { hostname, stack, web, overrides, driftPolicy, revision, tlsExceptions } = state;
    const shownWeb = { isEnabled: web.isEnabled, imprint: web.imprint, isChosen: isWebChosen };
    return {
      ...{ hostname, stack, web: shownWeb, overrides, driftPolicy, revision },
      ...{ relays, smarthosts, tlsExceptions },
    };
  }),
  /** Whether an install command would find an agent to install yet. */
  agentRelease: memberProcedure.query(async () => ({ standing: await readReleaseStanding() })),
  add: mutationOf(addServer),
  renewEnrolment: mutationOf(renewEnrolment),
  remove: mutationOf(removeServer),
  install: mutationOf(installServer),
  converge: mutationOf(convergeServer),
  previewConverge: mutationOf(previewConverge),
  refreshFacts: mutationOf(refreshFacts),
  checkMail: mutationOf(checkMail),
  restartService: mutationOf(restartService),
  unban: mutationOf(unbanAddress),
  changeStackSettings: mutationOf(changeStackSettings),
  changeWebSettings: mutationOf(changeWebSettings),
  changeOverrides: mutationOf(changeOverrides),
  changeDriftPolicy: mutationOf(changeDriftPolicy),
  changeHostname: mutationOf(renameServer),
  setRelays: mutationOf(setRelays),
  setSmarthosts: mutationOf(setSmarthosts),
  testSmarthost: mutationOf(testSmarthost),
  answerSmarthostChange: mutationOf(answerSmarthostChange),
  smarthostChanges: queryOf(listSmarthostChanges),
  setTlsExceptions: mutationOf(setTlsExceptions),
});

function withoutSecret(smarthost: Smarthost | null) {
  if (smarthost === null) return null;
  const { host, port, username = "", verifiesCertificate, password } = smarthost;
  return { host, port, username, hasPassword: password !== undefined, verifiesCertificate };
}
