import { readInstallScript } from "../../server/install-script.ts";

export const dynamic = "force-dynamic";

export async function GET(): Promise<Response> {
  const script = await readInstallScript();
  // A shell that is handed this runs it, whatever the status.
  if (script === null)
    return new Response("echo 'This control plane has no install script.' >&2; exit 1\n", {
      status: 503,
      headers: { "content-type": "text/x-shellscript; charset=utf-8" },
    });
  return new Response(script, {
    headers: { "content-type": "text/x-shellscript; charset=utf-8", "cache-control": "no-store" },
  });
}
