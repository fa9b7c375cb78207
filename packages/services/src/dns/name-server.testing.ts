import { TestNameServer } from "./name-server.fixture.ts";

/** The name server of this slice's tests, for tests of other slices. */
export function makeNameServer(address: string, zones: string[] = []): TestNameServer {
  return new TestNameServer(address, zones);
}
