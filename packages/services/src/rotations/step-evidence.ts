import type { Witness } from "../dns/index.ts";
import type { LoadedRotation } from "./load-rotation.ts";

/**
 * What a step rests on, in short: the name servers with the versions of their zones, how each key is shown, what came of
 * publishing and of each server's last test. The answers themselves stand in the events of the proof before it.
 */
export function stepEvidence(
  { row, keys, servers, progress }: LoadedRotation,
  witness: Witness | null,
): Record<string, unknown> {
  const asked = witness?.kind === "heard" ? witness.zones : [];
  const { publication } = progress;
  return {
    rotationId: row.id,
    nameServers: asked.flatMap(({ zone, servers: heard }) =>
      heard.map(({ nameServer, address, serial, problem }) => ({
        zone,
        nameServer,
        address,
        serial,
        ...(problem === null ? {} : { problem }),
      })),
    ),
    keys: keys.map(({ selector, signsAs, state, madeBy, shownSince }) => ({
      selector,
      ...(signsAs === null ? {} : { signsAs }),
      role: madeBy === row.id ? "incoming" : "outgoing",
      state,
      shownByAllSince: shownSince,
    })),
    servers: servers.map(({ id, name, isOnline, appliedRevision }) => {
      const own = progress.servers[id];
      return {
        name,
        isOnline,
        appliedRevision,
        switchRevision: own?.switchRevision ?? null,
        test: own?.test == null ? null : { state: own.test.state, jobId: own.test.jobId },
      };
    }),
    publication: publication === null ? null : { kind: publication.kind, triedAt: publication.triedAt },
  };
}
