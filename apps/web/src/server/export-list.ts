import { Readable } from "node:stream";
import type { ExportedList } from "../client/export-href.ts";
import { auditCsv } from "../features/audit/audit-csv.ts";
import { courseCsv } from "../features/deliverability/course-csv.ts";
import { reportSendersCsv } from "../features/deliverability/report-senders-csv.ts";
import { standingsCsv } from "../features/deliverability/standings-csv.ts";
import { domainsCsv } from "../features/domains/domains-csv.ts";
import { jobsCsv } from "../features/jobs/jobs-csv.ts";
import { aliasesCsv } from "../features/mailboxes/aliases-csv.ts";
import { mailboxesCsv } from "../features/mailboxes/mailboxes-csv.ts";
import { rolloutServersCsv } from "../features/rollouts/rollout-servers-csv.ts";
import { serversCsv } from "../features/servers/servers-csv.ts";
import { customersCsv } from "../features/tenants/customers-csv.ts";
import {
  cvesCsv,
  openServersCsv,
  packageServersCsv,
  restartsCsv,
  serverCvesCsv,
  serverPackagesCsv,
  updatesCsv,
} from "../features/updates/updates-csv.ts";
import { zonesCsv } from "../features/zones/zones-csv.ts";
import type { ListCsv } from "./csv.ts";
import { logProblem } from "./log.ts";
import { createRequestContext, type RequestContext } from "./request-context.ts";
import { readServiceFailure } from "./service-failure.ts";

const exports: Readonly<Record<ExportedList, ListCsv>> = {
  servers: serversCsv,
  domains: domainsCsv,
  mailboxes: mailboxesCsv,
  aliases: aliasesCsv,
  jobs: jobsCsv,
  "rollout-servers": rolloutServersCsv,
  customers: customersCsv,
  zones: zonesCsv,
  audit: auditCsv,
  standings: standingsCsv,
  course: courseCsv,
  senders: reportSendersCsv,
  updates: updatesCsv,
  "package-servers": packageServersCsv,
  cves: cvesCsv,
  "server-cves": serverCvesCsv,
  "open-servers": openServersCsv,
  restarts: restartsCsv,
  "server-packages": serverPackagesCsv,
};

/**
 * Answers with all rows of a list that match, as they are read. What goes wrong before the first row is said in a
 * sentence; what goes wrong later breaks the download off, so that half a list is never taken for the whole.
 */
export async function exportList(
  list: string,
  params: URLSearchParams,
  request: RequestContext = createRequestContext(),
): Promise<Response> {
  if (!Object.hasOwn(exports, list)) return sentence(404, "There is no such list.");
  const member = await request.member();
  if (member === null) return sentence(401, "Your session has ended. Sign in again.");
  const { requestId } = request;
  try {
    const lines = exports[list as ExportedList](member.services, params);
    const head = await lines.next();
    const first = await lines.next();
    const body = Readable.toWeb(Readable.from(withFirst([head, first], lines, requestId))) as ReadableStream;
    return new Response(body, {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="mailstead-${list}.csv"`,
        "cache-control": "no-store",
      },
    });
  } catch (error) {
    const failure = readServiceFailure(error);
    if (failure.kind === "internal") logProblem("an export failed", { requestId, list, cause: error });
    return sentence(statuses[failure.kind] ?? 400, `${failure.sentence} (${requestId})`);
  }
}

const statuses: Partial<Record<ReturnType<typeof readServiceFailure>["kind"], number>> = {
  "not-found": 404,
  forbidden: 403,
  internal: 500,
};

function sentence(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

async function* withFirst(
  read: readonly IteratorResult<string, void>[],
  rest: AsyncGenerator<string>,
  requestId: string,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for (const result of read) if (!result.done) yield encoder.encode(result.value);
    for await (const line of rest) yield encoder.encode(line);
  } catch (cause) {
    logProblem("an export broke off", { requestId, cause });
    throw cause;
  }
}
