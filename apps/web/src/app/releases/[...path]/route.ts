import { openRelease, readReleaseStanding, releaseAwaited } from "../../../server/release-files.ts";

export const dynamic = "force-dynamic";

export async function GET(
  _request: Request,
  { params }: { params: Promise<{ path: string[] }> },
): Promise<Response> {
  const file = await openRelease((await params).path);
  if (file === null) {
    if ((await readReleaseStanding()) === "awaited") return releaseAwaited();
    return new Response("There is no such release.\n", { status: 404 });
  }
  return new Response(file.body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(file.sizeBytes),
      // The newest statement may change with each start; what lies under a version never does.
      "cache-control": file.isVersioned ? "public, max-age=31536000, immutable" : "no-store",
    },
  });
}
