import { exportList } from "../../../../server/export-list.ts";

export const dynamic = "force-dynamic";

export async function GET(
  request: Request,
  { params }: { params: Promise<{ list: string }> },
): Promise<Response> {
  const { list } = await params;
  return exportList(list, new URL(request.url).searchParams);
}
