import { sendProof } from "../../../../server/send-proof.ts";

export const dynamic = "force-dynamic";

export async function GET(
  request: Request,
  { params }: { params: Promise<{ rotationId: string }> },
): Promise<Response> {
  const { rotationId } = await params;
  return sendProof(rotationId, new URL(request.url).searchParams.get("format") ?? "text");
}
