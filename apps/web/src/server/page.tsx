import { dehydrate, type FetchQueryOptions, HydrationBoundary } from "@tanstack/react-query";
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache, type ReactNode } from "react";
import { createQueryClient } from "../client/query-client.ts";
import type { Words } from "../messages/locale.ts";
import type { MessageKey } from "../messages/translate.ts";
import { createRequestContext } from "./request-context.ts";
import { type AppRouter, appRouter } from "./router.ts";
import { readWords } from "./words.ts";

const requestContext = cache(createRequestContext);

/** The person who is signed in, or null. */
export function findMember() {
  return requestContext().member();
}

/** The person whose page this is; sends everybody else to the door, with the way back. */
export async function requireMember() {
  const member = await findMember();
  if (member !== null) return member;
  const wanted = (await headers()).get("x-mailstead-path") ?? "/";
  redirect(wanted === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(wanted)}`);
}

type Asks = (trpc: TRPCOptionsProxy<AppRouter>) => readonly object[];

/** Asks on the server for what a screen will ask for, so that its first paint holds the answers. */
export async function Prepared({ asks, children }: { asks: Asks; children: ReactNode }) {
  await requireMember();
  const queryClient = createQueryClient();
  const trpc = createTRPCOptionsProxy({ router: appRouter, ctx: requestContext(), queryClient });
  await Promise.all(
    asks(trpc).map((ask) => {
      // A question that fails here is asked again by the screen, which knows how to show the failure.
      if ("initialPageParam" in ask) return queryClient.prefetchInfiniteQuery(ask as never);
      return queryClient.prefetchQuery(ask as FetchQueryOptions);
    }),
  );
  return <HydrationBoundary state={dehydrate(queryClient)}>{children}</HydrationBoundary>;
}

type TitleKey = Extract<MessageKey, `${string}.title` | `${string}-title` | `${string}.tab.${string}`>;

/** Makes the title of a page out of words. */
export function titled(key: TitleKey): () => Promise<Metadata> {
  return async () => {
    const { t } = await readWords();
    // Titles hold no values, which the type of a message that is picked by a variable cannot know.
    return { title: (t as (key: MessageKey) => string)(key) };
  };
}

/** The same for a page that names the product itself, so that its title does not say it twice. */
export function titledAlone(key: TitleKey): () => Promise<Metadata> {
  return async () => ({ title: { absolute: String((await titled(key)()).title) } });
}

type Caller = ReturnType<typeof appRouter.createCaller>;

/** Makes the title of a page out of the name of what it shows, or says that there is nothing. */
export async function titledBy(read: (caller: Caller, words: Words) => Promise<string>): Promise<Metadata> {
  const words = await readWords();
  try {
    return { title: await read(appRouter.createCaller(requestContext()), words) };
  } catch {
    // The page itself says what is wrong.
    return { title: words.t("problem.not-found-title") };
  }
}

/** The same for a thing of several parts: each part's own title goes before the name of the thing. */
export async function titledParts(
  read: (caller: Caller, words: Words) => Promise<string>,
): Promise<Metadata> {
  const { title } = await titledBy(read);
  return { title: { default: String(title), template: `%s · ${String(title)} · Mailstead` } };
}

export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/** The parameters of a page in the form that screens read in the browser. */
export async function readSearchParams(params: SearchParams): Promise<URLSearchParams> {
  const entries = Object.entries(await params).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? (value[0] ?? "") : value]],
  );
  return new URLSearchParams(entries);
}
