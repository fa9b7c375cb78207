import { TestNameServer } from "./name-server.fixture.ts";

/** A name server for tests of other slices: with authority in these zones, or a resolver without any. */
export function makeNameServer(address: string, zones: string[] = []): TestNameServer {
  return new TestNameServer(address, zones);
}
