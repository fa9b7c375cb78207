import { backend } from "../../server/backend.ts";
import { logProblem } from "../../server/log.ts";

export const dynamic = "force-dynamic";

/** Says whether this process can do its work: it answers 200 when the database answers, else 503. */
export async function GET(): Promise<Response> {
  try {
    await backend().database.query.execute("select 1");
    return Response.json({ status: "ok" }, { headers: { "cache-control": "no-store" } });
  } catch (cause) {
    logProblem("the health check failed", { cause });
    return Response.json(
      { status: "database-unreachable" },
      { status: 503, headers: { "cache-control": "no-store" } },
    );
  }
}
