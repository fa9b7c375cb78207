import { defaultShouldDehydrateQuery, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import superjson from "superjson";
import { readProblem } from "./problem.ts";

const staleAfterMs = 5_000;
const retriesMax = 2;

/** Makes a store of answers; the server makes one for each request and hands it over with the page. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    mutationCache: new MutationCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: staleAfterMs,
        // Only a lost line is worth asking again; an answer that says no will say no again. On the server there is no line.
        retry: (failures, error) =>
          typeof window !== "undefined" && readProblem(error).kind === "lost-line" && failures < retriesMax,
      },
      dehydrate: { serializeData: superjson.serialize, shouldDehydrateQuery: defaultShouldDehydrateQuery },
      hydrate: { deserializeData: superjson.deserialize },
    },
  });
}

/** A session that has ended sends the tab to the door, with the way back; nothing here can be asked any more. */
export function leaveWhenSignedOut(error: unknown): void {
  if (typeof window === "undefined" || readProblem(error).kind !== "signed-out") return;
  const { pathname, search } = window.location;
  window.location.assign(`/sign-in?to=${encodeURIComponent(pathname + search)}`);
}

let shared: QueryClient | undefined;

/** The store of this tab; on the server each call makes a fresh one, so that no reader sees another's answers. */
export function browserQueryClient(): QueryClient {
  if (typeof window === "undefined") return createQueryClient();
  shared ??= createQueryClient();
  return shared;
}
