import { generateKeyPairSync, sign } from "node:crypto";
import {
  dnskeyData,
  keyTagOf,
  nameOctets,
  type PublicZoneKey,
  signedOctets,
  signerDigests,
} from "./dnssec-keys.ts";

const ecdsaP256 = 13;
const ttl = 5;

interface SignedZone {
  /** DNSKEY and RRSIG lines for the zone's servers. */
  lines: string[];
  /** The DS line for the zone above. */
  signer: string;
  keyTag: number;
}

/** A zone's key and its signatures over the keys and a SOA of this serial, as the test name server takes them. */
export function signZone(
  zone: string,
  { serial, inception, expiration }: { serial: number; inception: Date; expiration: Date },
): SignedZone {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const key: PublicZoneKey = {
    flags: 257,
    algorithm: ecdsaP256,
    key: Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]),
  };
  const keyTag = keyTagOf(key);
  const seconds = (at: Date) => Math.floor(at.getTime() / 1000);
  const signatureOver = (typeCovered: string, typeNumber: number, data: Buffer) => {
    const unsigned = {
      typeCovered,
      algorithm: ecdsaP256,
      labels: zone.split(".").length,
      originalTtl: ttl,
      expiration: seconds(expiration),
      inception: seconds(inception),
      keyTag,
      signersName: zone,
      signature: Buffer.alloc(0),
    };
    const octets = signedOctets({ name: zone, typeNumber, data: [data] }, unsigned);
    const signature = sign("sha256", octets, { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${zone} RRSIG ${typeCovered} ${ecdsaP256} ${unsigned.labels} ${ttl} ${unsigned.expiration} ${unsigned.inception} ${keyTag} ${zone} ${signature.toString("base64")}`;
  };
  const numbers = Buffer.alloc(20);
  for (const [at, value] of [serial, 3600, 600, 604_800, 300].entries()) numbers.writeUInt32BE(value, at * 4);
  const soa = Buffer.concat([nameOctets("ns.example"), nameOctets("h.example"), numbers]);
  return {
    keyTag,
    signer: `${zone} DS ${keyTag} ${ecdsaP256} 2 ${signerDigests(zone, key)[2]}`,
    lines: [
      `${zone} DNSKEY ${key.flags} 3 ${ecdsaP256} ${key.key.toString("base64")}`,
      signatureOver("DNSKEY", 48, dnskeyData(key)),
      signatureOver("SOA", 6, soa),
    ],
  };
}
