import { exportProofLog } from "@mailstead/services/rotations";
import { logProblem } from "./log.ts";
import { createRequestContext, type RequestContext } from "./request-context.ts";
import { readServiceFailure } from "./service-failure.ts";

const statuses: Partial<Record<ReturnType<typeof readServiceFailure>["kind"], number>> = {
  "not-found": 404,
  forbidden: 403,
  internal: 500,
};

/** Answers with the proof log of a DKIM rotation as a file, or with what is wrong in a sentence. */
export async function sendProof(
  rotationId: string,
  format: string,
  request: RequestContext = createRequestContext(),
): Promise<Response> {
  const member = await request.member();
  if (member === null) return sentence(401, "Your session has ended. Sign in again.");
  try {
    // The use case parses both, as it does for everybody.
    const asked = { rotationId, format: format as "json" };
    const { fileName, mediaType, text } = await exportProofLog(member.services, asked);
    return new Response(text, {
      headers: {
        "content-type": `${mediaType}; charset=utf-8`,
        "content-disposition": `attachment; filename="${fileName}"`,
        "cache-control": "no-store",
      },
    });
  } catch (cause) {
    const failure = readServiceFailure(cause);
    if (failure.kind === "internal")
      logProblem("a proof log could not be sent", { requestId: request.requestId, rotationId, cause });
    return sentence(statuses[failure.kind] ?? 400, `${failure.sentence} (${request.requestId})`);
  }
}

function sentence(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
