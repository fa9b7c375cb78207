/** What Google adds to the address that it sends a person back to (RFC 6749 §4.1.2); whatever else stands there is left out. */
export function readConsentAnswer(params: URLSearchParams): { state: string; code?: string; error?: string } {
  const [code, error] = [params.get("code"), params.get("error")];
  return {
    // A use case says what is wrong with an answer to nothing.
    state: params.get("state") || "none",
    ...(code === null || code === "" ? {} : { code }),
    ...(error === null || error === "" ? {} : { error }),
  };
}
