import type { ServiceContext } from "../context/index.ts";
import { saveFilter, shareFilter } from "../saved-filters/index.ts";
import { findServerIds } from "../servers/index.ts";
import { changeTags } from "../tags/index.ts";

/** Which servers of the demo bear which tags. */
const bearers = {
  canary: ["alpine-shop", "nordlicht-hamburg"],
  vip: ["harbour-mx1", "harbour-mx2", "alpine-mx1"],
  "24x7": ["harbour-mx1", "harbour-mx2"],
  "dc-vienna": ["alpine-mx1", "alpine-vienna", "alpine-shop"],
  "dc-hamburg": ["nordlicht-mail", "nordlicht-hamburg", "nordlicht-archive"],
} as const;

/** Servers are grouped by tags, and filters for them are kept: one for everybody, one for the person alone. */
export async function tellTags(person: ServiceContext): Promise<void> {
  const { servers } = await findServerIds(person);
  for (const [tag, names] of Object.entries(bearers))
    await changeTags(person, {
      serverIds: servers.filter(({ name }) => names.some((one) => one === name)).map(({ id }) => id),
      add: [tag],
    });
  const { filterId } = await saveFilter(person, {
    list: "servers",
    name: "Important ones",
    query: "tags=vip&sort=state",
  });
  await shareFilter(person, { filterId, isShared: true });
  await saveFilter(person, { list: "servers", name: "Longest queues", query: "sort=-queue" });
}
