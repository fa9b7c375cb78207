import { exportList } from "../../../../server/export-list.ts";
import { isSameOrigin } from "../../../../server/same-origin.ts";

export const dynamic = "force-dynamic";

export async function GET(
  request: Request,
  { params }: { params: Promise<{ list: string }> },
): Promise<Response> {
  const { list } = await params;
  return exportList(list, new URL(request.url).searchParams);
}

/** Of chosen rows: their ids come in a form, because no address holds many. */
export async function POST(
  request: Request,
  { params }: { params: Promise<{ list: string }> },
): Promise<Response> {
  if (!isSameOrigin(request.headers))
    return new Response("Requests from other sites are refused.", { status: 403 });
  const { list } = await params;
  const ids = (await request.formData()).get("ids");
  const chosen = new URLSearchParams({ ids: typeof ids === "string" ? ids : "" });
  return exportList(list, chosen);
}
