import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { createRequestContext } from "../../../../server/request-context.ts";
import { appRouter } from "../../../../server/router.ts";
import { isSameOrigin } from "../../../../server/same-origin.ts";

export const dynamic = "force-dynamic";

function handle(request: Request): Promise<Response> | Response {
  // Session cookies are SameSite=Lax; a browser that says another site asks is refused besides.
  if (!isSameOrigin(request.headers))
    return new Response("Requests from other sites are refused.", { status: 403 });
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: createRequestContext,
  });
}

export { handle as GET, handle as POST };
