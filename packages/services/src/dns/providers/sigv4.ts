import { createHash, createHmac } from "node:crypto";

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface SignedRequest {
  method: string;
  url: string;
  body: string;
}

const algorithm = "AWS4-HMAC-SHA256";

/** Headers that sign a request for an AWS service: Signature Version 4, with the body's digest among what is signed. */
export function signAwsRequest(
  request: SignedRequest,
  scope: { credentials: AwsCredentials; region: string; service: string; now: Date },
): Record<string, string> {
  const { credentials, region, service, now } = scope;
  const url = new URL(request.url);
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const signedHeaders = { host: url.host, "x-amz-date": time };
  const names = Object.keys(signedHeaders).join(";");
  const canonical = [
    request.method,
    url.pathname.split("/").map(awsEncoded).join("/"),
    canonicalQuery(url.searchParams),
    ...Object.entries(signedHeaders).map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(request.body),
  ].join("\n");
  const path = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, "aws4_request"].reduce<Buffer>(
    (signing, part) => hmac(signing, part),
    Buffer.from(`AWS4${credentials.secretAccessKey}`),
  );
  const signature = hmac(key, [algorithm, time, path, sha256(canonical)].join("\n")).toString("hex");
  return {
    "x-amz-date": time,
    authorization: `${algorithm} Credential=${credentials.accessKeyId}/${path}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${awsEncoded(name)}=${awsEncoded(value)}`)
    .sort()
    .join("&");
}

/** AWS encodes everything but the unreserved characters of RFC 3986 §2.3. */
function awsEncoded(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
