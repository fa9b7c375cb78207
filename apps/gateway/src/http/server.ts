import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { GatewayContext } from "../gateway-context.ts";
import { createEnrolHandler, respond } from "./enrol.ts";

export interface HttpParts {
  readonly context: GatewayContext;
  /** What /healthz tells; a gateway that is not `ok` gets no new agents from whoever balances. */
  readonly health: () => { status: "ok" | "draining"; agents: number };
}

// When a gateway comes back, thousands of agents stand in line for it.
const backlog = 4096;

/** The gateway's HTTP side: enrolment, health, and nothing else; WebSockets are taken by the upgrade handler. */
export function createHttpServer(parts: HttpParts): Server {
  const enrol = createEnrolHandler(parts.context);
  return createServer({ requestTimeout: 30_000, headersTimeout: 15_000 }, (request, response) => {
    void route({ ...parts, enrol }, request, response);
  });
}

/** Listens; resolves with the port, which matters when 0 was asked for. Rejects with a sentence when it cannot. */
export function listen(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        new Error(
          cause.code === "EADDRINUSE"
            ? `Port ${port} on ${host} is taken by another program; stop it or set PORT to another.`
            : `The gateway cannot listen on ${host} port ${port}: ${cause.message}.`,
          { cause },
        ),
      ),
    );
    server.listen({ host, port, backlog }, () => resolve((server.address() as AddressInfo).port));
  });
}

type Enrol = ReturnType<typeof createEnrolHandler>;

async function route(
  { context, health, enrol }: HttpParts & { enrol: Enrol },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "/").split("?", 1)[0];
  try {
    if (path === "/healthz") {
      const state = health();
      respond(response, state.status === "ok" ? 200 : 503, { ...state, gatewayId: context.gatewayId });
    } else if (path === "/agent/enrol" && request.method === "POST") await enrol(request, response);
    else if (path === "/agent/enrol")
      respond(response, 405, { code: "invalid", sentence: "Enrolment is asked for by POST." });
    else respond(response, 404, { code: "invalid", sentence: "There is nothing at this address." });
  } catch (problem) {
    const errorId = randomUUID();
    context.log.error({ errorId, path, err: problem }, "a request failed");
    if (response.headersSent) response.destroy();
    else
      respond(response, 500, {
        code: "invalid",
        sentence: `Internal error ${errorId}; try again in a minute.`,
      });
  }
}
