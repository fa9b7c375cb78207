import { expect, test } from "vitest";
import { signAwsRequest } from "./sigv4.ts";

// The request "get-vanilla" of the test suite that AWS publishes for Signature Version 4.
test("a request is signed as AWS's own test suite says", () => {
  const headers = signAwsRequest(
    { method: "GET", url: "https://example.amazonaws.com/", body: "" },
    {
      credentials: {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      },
      region: "us-east-1",
      service: "service",
      now: new Date("2015-08-30T12:36:00Z"),
    },
  );
  expect(headers).toEqual({
    "x-amz-date": "20150830T123600Z",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  });
});
