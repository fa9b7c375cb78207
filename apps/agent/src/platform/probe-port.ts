import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

export interface ProbeAnswer {
  text: string;
  problem: string | null;
}

const probeWithinMs = 8_000;

/** Connects to a port of this host, on IPv4 or else IPv6, and gives what it says first. */
export async function probePort(probe: {
  port: number;
  isTls?: boolean;
  request?: string;
}): Promise<ProbeAnswer> {
  const first = await probeAddress("127.0.0.1", probe);
  if (first.problem === null || !first.problem.includes("ECONNREFUSED")) return first;
  const second = await probeAddress("::1", probe);
  return second.problem === null ? second : first;
}

function probeAddress(
  host: string,
  probe: { port: number; isTls?: boolean; request?: string },
): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const { port } = probe;
    // Our own loopback: the certificate's name and issuer say nothing about whether the service serves.
    const socket = probe.isTls
      ? connectTls({ host, port, rejectUnauthorized: false })
      : connect({ host, port });
    const done = (answer: ProbeAnswer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done({ text: "", problem: "it did not answer in time" }), probeWithinMs);
    if (probe.request !== undefined) socket.write(probe.request);
    socket.once("data", (data: Buffer) => done({ text: data.toString("latin1"), problem: null }));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      done({ text: "", problem: error.code ?? error.message }),
    );
    socket.once("close", () => done({ text: "", problem: "it closed the connection without a greeting" }));
  });
}
