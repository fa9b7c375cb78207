import { createServer } from "node:http";

/**
 * Answers 200 at /healthz on this port of the loopback, for whoever supervises the worker: it is there from when the
 * worker is ready, and an event loop that stands still does not answer. Rejects with a sentence when it cannot listen.
 */
export function serveHealth(port: number): Promise<void> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" ? 200 : 404).end();
  });
  return new Promise((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new Error(`The worker cannot listen on HEALTH_PORT ${port} (${cause.message}); choose another.`, {
          cause,
        }),
      ),
    );
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
